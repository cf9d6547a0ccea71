import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { mailboxApi } from '../../src/mailbox/app.ts';
import { mailboxEvents } from '../../src/mailbox/events.ts';
import { type Outcome, outcomes } from '../../src/mailbox/outcome.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { recordedData } from '../support/recorded.ts';

/**
 * The mailbox's answers and webhooks by Resend's own OpenAPI description, which lies beside the repository where it does
 * at all. Its schemas demand little, so fields that they do not know count too. What is listed as drift is where the
 * description is behind Resend's documents and recordings; anything else fails, and so does drift that is gone.
 */
const drift: Readonly<Record<string, readonly string[]>> = {
  // The documents show tags and the schedule of a mail, and null for a part that it has not.
  'GET /emails': ['data.scheduled_at is not described'],
  'GET /emails/:id': ['/text must be string', 'scheduled_at is not described', 'tags is not described'],
  // It describes the request's options, where the documents and the SDK have the mail's id.
  'PATCH /emails/:id': ['object is not described', 'id is not described'],
  // Permissive validation came later.
  'POST /emails/batch': ['errors is not described'],
};

const headers = { authorization: 'Bearer re_1', 'user-agent': 'test', 'content-type': 'application/json' };
const mail = { from: 'digest@papers.test', to: 'ada@uni.test', subject: 'Papers', html: '<p>Hi</p>' };
const webhookSecret = `whsec_${Buffer.alloc(24, 5).toString('base64')}`;

interface Schema {
  $ref?: string;
  allOf?: Schema[];
  items?: Schema;
  properties?: Record<string, Schema>;
}

interface Description {
  paths: Record<string, Record<string, { responses: Record<string, { content: Json }> }>>;
  webhooks: Record<string, { post: { requestBody: { content: Json } } }>;
  components: { schemas: Record<string, Schema> };
}

type Json = Record<'application/json', { schema: Schema }>;

describe.skipIf(!recordedData)('recorded: Resend’s OpenAPI description', () => {
  let description: Description;
  let ajv: Ajv2020;
  let database: TestDatabase;
  let events: ReturnType<typeof mailboxEvents>;
  let server: Server;
  let webhookUrl: string;
  const told: { type: string; data: Record<string, unknown> }[] = [];

  beforeAll(async () => {
    description = JSON.parse(readFileSync(join(recordedData!, 'resend/openapi.json'), 'utf8')) as Description;
    ajv = new Ajv2020({ strict: false, allErrors: true });
    addFormats.default(ajv);
    ajv.addSchema(description, 'resend');
    database = await openTestDatabase();
    server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        told.push(JSON.parse(body) as (typeof told)[number]);
        response.end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    webhookUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    events = mailboxEvents({ db: database.db, webhookUrl, webhookSecret });
  });
  afterAll(async () => {
    await events.close();
    server.close();
    await database.close();
  });

  /** Makes the request, and gives the answer and what the description has against it. */
  async function ask(method: string, path: string, described: string, body?: unknown) {
    const api = mailboxApi({ db: database.db, events });
    const response = await api.request(path, {
      method,
      headers: { ...headers, 'x-batch-validation': 'permissive' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const answer = (await response.json()) as Record<string, unknown>;
    const { responses } = description.paths[described]![method.toLowerCase()]!;
    const schema = responses[String(response.status)]?.content['application/json'].schema;
    expect(schema, `${method} ${described} ${response.status}`).toBeDefined();
    return { answer, faults: faultsOf(answer, schema!) };
  }

  function faultsOf(value: unknown, schema: Schema): string[] {
    const validate = ajv.compile(rooted(schema));
    const errors = validate(value) ? [] : (validate.errors ?? []).map(sentence);
    return [...errors, ...unknownFields(value, schema)];
  }

  function unknownFields(value: unknown, schema: Schema, at = ''): string[] {
    if (Array.isArray(value)) {
      const { items } = resolved(schema);
      return items ? [...new Set(value.flatMap((entry) => unknownFields(entry, items, at)))] : [];
    }
    if (typeof value !== 'object' || value === null) return [];
    const known = propertiesOf(schema);
    if (Object.keys(known).length === 0) return [];
    return Object.entries(value).flatMap(([name, entry]) => {
      const field = known[name];
      return field ? unknownFields(entry, field, `${at}${name}.`) : [`${at}${name} is not described`];
    });
  }

  function resolved(schema: Schema): Schema {
    const name = schema.$ref?.split('/').at(-1);
    return name === undefined ? schema : description.components.schemas[name]!;
  }

  function propertiesOf(schema: Schema): Record<string, Schema> {
    const { properties = {}, allOf = [] } = resolved(schema);
    return Object.assign({}, ...allOf.map(propertiesOf), properties) as Record<string, Schema>;
  }

  test('every answer is as described, but for the drift that we know', async () => {
    const found: Record<string, string[]> = {};
    const note = async (name: string, described: string, path: string, body?: unknown) => {
      const { answer, faults } = await ask(name.split(' ')[0]!, path, described, body);
      if (faults.length > 0) found[name] = faults;
      return answer;
    };
    const { id } = await note('POST /emails', '/emails', '/emails', mail);
    await note('POST /emails/batch', '/emails/batch', '/emails/batch', [mail, { ...mail, to: 'nobody' }]);
    await note('GET /emails', '/emails', '/emails');
    await note('GET /emails/:id', '/emails/{email_id}', `/emails/${String(id)}`);
    const scheduled_at = new Date(Date.now() + 3_600_000).toISOString();
    const later = await note('POST /emails', '/emails', '/emails', { ...mail, scheduled_at });
    const laterPath = `/emails/${String(later['id'])}`;
    await note('PATCH /emails/:id', '/emails/{email_id}', laterPath, { scheduled_at });
    await note('POST /emails/:id/cancel', '/emails/{email_id}/cancel', `${laterPath}/cancel`, {});

    const entry = await note('POST /suppressions', '/suppressions', '/suppressions', { email: 'a@uni.test' });
    const entryPath = `/suppressions/${String(entry['id'])}`;
    await note('GET /suppressions', '/suppressions', '/suppressions');
    await note('GET /suppressions/:id', '/suppressions/{suppression}', entryPath);
    await note('DELETE /suppressions/:id', '/suppressions/{suppression}', entryPath);
    const emails = ['b@uni.test', 'c@uni.test'];
    for (const verb of ['add', 'remove']) {
      const path = `/suppressions/batch/${verb}`;
      await note(`POST ${path}`, path, path, { emails });
    }

    const wanted = { endpoint: 'https://hooks.papers.test/', events: ['email.sent'] };
    const webhook = await note('POST /webhooks', '/webhooks', '/webhooks', wanted);
    const webhookPath = `/webhooks/${String(webhook['id'])}`;
    await note('GET /webhooks', '/webhooks', '/webhooks');
    await note('GET /webhooks/:id', '/webhooks/{webhook_id}', webhookPath);
    await note('PATCH /webhooks/:id', '/webhooks/{webhook_id}', webhookPath, { status: 'disabled' });
    await note('DELETE /webhooks/:id', '/webhooks/{webhook_id}', webhookPath);
    expect(found).toEqual(drift);
  });

  test.each(Object.keys(outcomes) as Outcome[])('the webhook of %s is as described', async (outcome) => {
    const message = {
      id: '56761188-7520-42d8-8898-ff6fc54ce618',
      at: new Date('2026-11-23T07:00:00Z'),
      from: 'digest@papers.test',
      to: `${outcome}@uni.test`,
      subject: 'Papers',
      tags: { digest: 'd-7-20261123' },
    };
    told.length = 0;
    await events.report(message, outcome);
    const { type } = outcomes[outcome];
    const schema = description.webhooks[type]!.post.requestBody.content['application/json'].schema;
    const event = told.find((one) => one.type === type)!;
    // The Message-ID is in the documents, and not in the description.
    expect(faultsOf(event, schema)).toEqual(['data.message_id is not described']);
  });

  test('the webhooks of the suppression list are in the documents, and not described at all', () => {
    expect(Object.keys(description.webhooks).filter((type) => type.startsWith('suppression'))).toEqual([]);
  });

  test('the documents’ own example of a bounce fails the description: what we parse must be lenient', () => {
    const schema = description.webhooks['email.bounced']!.post.requestBody.content['application/json'].schema;
    const bounce = {
      message: 'The address is on the suppression list.',
      subType: 'Suppressed',
      type: 'Permanent',
    };
    const data = {
      email_id: 'e',
      created_at: '2026-11-22T23:41:11.894Z',
      from: 'a@b.test',
      to: ['c@d.test'],
      subject: 's',
      bounce,
    };
    const event = { type: 'email.bounced', created_at: '2026-11-22T23:41:12.126Z', data };
    expect(faultsOf(event, schema)).toEqual([
      "/data/bounce must have required property 'diagnosticCode'",
      '/data/bounce/subType must be equal to one of the allowed values',
    ]);
  });
});

/** The description's schemas point at each other from its root. */
function rooted(schema: Schema): object {
  return JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"resend#/')) as object;
}

function sentence({ instancePath, message }: ErrorObject): string {
  return `${instancePath} ${message}`;
}
