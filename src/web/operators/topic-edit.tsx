/** @jsxImportSource hono/jsx */
import { type Context as HttpContext, Hono } from 'hono';
import type { Context } from '../../context.ts';
import { readWholeTopic } from '../../db/operator-topics.ts';
import {
  addTopic,
  countFollowers,
  editTopic,
  mergeTopics,
  returnToFile,
  setRetired,
  type TopicEdit,
} from '../../db/topic-edits.ts';
import { listTopics } from '../../db/topics.ts';
import { findCurated } from '../../domain/topic.ts';
import { phraseLines, readWrittenTopic, type WrittenTopic } from '../../domain/topic-form.ts';
import { previewTopic } from '../../pipeline/topic-preview.ts';
import { readForm } from '../form.ts';
import { page } from '../respond.ts';
import { TopicFormPage } from './topic-edit-page.tsx';
import { EndPage } from './topic-end-page.tsx';

const base = '/operators/topics';
const onePath = `${base}/:id{[0-9]{1,9}}`;
const blank: WrittenTopic = { name: '', description: '', phrases: '' };

/** Topics added, changed, merged and retired by operators; each seen before it is done. */
export function topicEditRoutes(ctx: Context): Hono {
  const routes = new Hono();

  routes.get(`${base}/new`, (c) => page(c, <TopicFormPage written={blank} faults={{}} />));
  routes.post(`${base}/new`, async (c) => save(ctx, c, undefined));

  routes.get(`${onePath}/edit`, async (c) => {
    const topic = await findChosen(ctx, c);
    if (!topic) return c.notFound();
    const { name, description, definition } = topic;
    const written = { name, description, phrases: phraseLines(definition) };
    return page(c, <TopicFormPage topic={topic} written={written} faults={{}} />);
  });
  routes.post(`${onePath}/edit`, async (c) => {
    const topic = await findChosen(ctx, c);
    return topic ? save(ctx, c, topic) : c.notFound();
  });

  routes.get(`${onePath}/end`, (c) => showEnd(ctx, c));

  routes.post(`${onePath}/retire`, async (c) => {
    return done(ctx, c, await setRetired(ctx.db, idIn(c), true, 'operator'));
  });
  routes.post(`${onePath}/restore`, async (c) => {
    return done(ctx, c, await setRetired(ctx.db, idIn(c), false, 'operator'));
  });
  routes.post(`${onePath}/file`, async (c) => {
    return done(ctx, c, await returnToFile(ctx.db, idIn(c), 'operator'));
  });
  routes.post(`${onePath}/merge`, async (c) => {
    const form = await readForm(c);
    const into = Number(/^\d{1,9}$/.exec(form.text('into'))?.[0] ?? 0);
    const merge = { from: idIn(c), into, takesPhrases: form.has('phrases') };
    return done(ctx, c, await mergeTopics(ctx.db, merge, 'operator'));
  });
  return routes;
}

interface Chosen {
  id: number;
  slug: string | null;
  name: string;
}

/** What was written: shown beside what it would have matched, or saved. */
async function save(ctx: Context, c: HttpContext, topic: Chosen | undefined): Promise<Response> {
  const form = await readForm(c);
  const written = {
    name: form.text('name'),
    description: form.text('description'),
    phrases: form.text('phrases'),
  };
  const words = readWrittenTopic(written);
  if ('faults' in words) {
    return page(c, <TopicFormPage topic={topic} written={written} faults={words.faults} />, 422);
  }
  if (form.text('do') !== 'save') {
    const preview = await previewTopic(ctx, words.definition, topic?.id);
    return page(c, <TopicFormPage {...{ topic, written, preview }} faults={{}} />);
  }
  const edit = topic
    ? await editTopic(ctx.db, topic.id, words, 'operator')
    : await addTopic(ctx.db, words, 'operator');
  if ('fault' in edit) {
    return page(c, <TopicFormPage topic={topic} written={written} faults={{ name: edit.fault }} />, 422);
  }
  ctx.log.info({ topic: edit.id }, 'an operator saved a topic');
  return c.redirect(`${base}/${edit.id}`, 303);
}

async function done(ctx: Context, c: HttpContext, edit: TopicEdit): Promise<Response> {
  if ('fault' in edit) return showEnd(ctx, c, edit.fault);
  ctx.log.info({ topic: edit.id }, 'an operator changed a topic');
  return c.redirect(`${base}/${edit.id}`, 303);
}

async function showEnd(ctx: Context, c: HttpContext, fault?: string): Promise<Response> {
  const topic = await readWholeTopic(ctx.db, idIn(c));
  if (!topic) return c.notFound();
  const others = (await listTopics(ctx.db)).filter(({ id }) => id !== topic.id);
  const counts = await countFollowers(ctx.db, topic.id);
  const isOfFile = topic.slug !== null && findCurated(topic.slug) !== undefined && topic.operatedAt !== null;
  return page(c, <EndPage {...{ topic, others, counts, isOfFile, fault }} />, fault ? 422 : 200);
}

/** A topic that can be chosen by name: those that readers typed are theirs. */
async function findChosen(ctx: Context, c: HttpContext) {
  const topic = await readWholeTopic(ctx.db, idIn(c));
  return topic?.slug ? topic : undefined;
}

function idIn(c: HttpContext): number {
  return Number(c.req.param('id'));
}
