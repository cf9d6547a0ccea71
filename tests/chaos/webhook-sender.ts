import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { signWebhook } from '../../src/transport/resend-webhook.ts';
import type { Dice } from './dice.ts';

export interface WebhookSender {
  /** Tells of the mails that a request made, each once however often the request comes. Some of it before it returns. */
  tell(request: Buffer, answer: Buffer): Promise<void>;
  report(): { webhooks: { posted: number; open: number }; outcomes: [string, string, string][] };
}

export interface SenderOptions {
  webhookUrl: string;
  webhookSecret: string;
  dice: Dice;
  /** Share of mails that are told of. */
  share: number;
  onStruck(fault: (typeof webhookFaults)[number]): void;
}

export const webhookFaults = [
  'webhook before the answer to its request',
  'webhook out of order',
  'webhook repeated',
] as const;

interface Event {
  id: string;
  body: string;
}

const hardBounces = 0.004;
const softBounces = 0.01;
const earlyShare = 0.3;
const againShare = 0.3;
const lateMsMax = 4_000;
const atOnceMax = 6;
const attemptTimeoutMs = 5_000;
const retryMs = 700;
const day = 86_400_000;

/** Webhooks as Resend sends them on a bad day: more than once, in any order, and some before the request's own answer. */
export function openWebhookSender({
  webhookUrl,
  webhookSecret,
  dice,
  share,
  onStruck,
}: SenderOptions): WebhookSender {
  const told = new Set<string>();
  const outcomes = new Map<string, string>();
  const line: Event[] = [];
  let posted = 0;
  let open = 0;
  let running = 0;

  async function post({ id, body }: Event): Promise<void> {
    for (;;) {
      const seconds = Math.floor(Date.now() / 1000);
      const headers = {
        'content-type': 'application/json',
        'svix-id': id,
        'svix-timestamp': String(seconds),
        'svix-signature': signWebhook(webhookSecret, id, seconds, body),
      };
      const signal = AbortSignal.timeout(attemptTimeoutMs);
      const answer = await fetch(webhookUrl, { method: 'POST', headers, body, signal }).catch(
        () => undefined,
      );
      await answer?.body?.cancel();
      if (answer?.ok) break;
      await pause(retryMs);
    }
    posted += 1;
  }

  function enqueue(event: Event): void {
    open += 1;
    const place = dice.between(0, line.length);
    if (place < line.length) onStruck('webhook out of order');
    line.splice(place, 0, event);
    if (running >= atOnceMax) return;
    running += 1;
    void (async () => {
      for (let next = line.shift(); next; next = line.shift()) {
        await post(next);
        open -= 1;
      }
      running -= 1;
    })();
  }

  return {
    async tell(request, answer) {
      const sent = [JSON.parse(request.toString('latin1'))].flat() as { to: string; tags: Tag[] }[];
      const { data } = JSON.parse(answer.toString()) as { data?: { id: string }[] };
      const early: Event[] = [];
      for (const [place, { id }] of (data ?? []).entries()) {
        if (told.has(id)) continue;
        told.add(id);
        if (!dice.chance(share)) continue;
        for (const event of eventsOf({ id, ...sent[place]! }, dice, outcomes)) {
          if (dice.chance(earlyShare)) early.push(event);
          else setTimeout(() => enqueue(event), dice.between(0, lateMsMax));
          if (!dice.chance(againShare)) continue;
          onStruck('webhook repeated');
          setTimeout(() => enqueue(event), dice.between(0, lateMsMax));
        }
      }
      // At most a few, so that the answer is not held up for long.
      for (const event of early.splice(5)) enqueue(event);
      for (const _ of early) onStruck('webhook before the answer to its request');
      const inTime = early.map((event) => Promise.race([post(event), pause(retryMs)]));
      await Promise.all(inTime);
    },
    report: () => ({
      webhooks: { posted, open },
      outcomes: [...outcomes].map(([name, at]) => [...name.split(' '), at] as [string, string, string]),
    }),
  };
}

interface Tag {
  name: string;
  value: string;
}

/** What becomes of one mail. Two reports of one kind differ in their moment: the earlier one must win. */
function eventsOf(
  mail: { id: string; to: string; tags: Tag[] },
  dice: Dice,
  outcomes: Map<string, string>,
): Event[] {
  const tag = mail.tags[0]!.value;
  const luck = dice.roll();
  const kind = luck < hardBounces ? 'hard' : luck < hardBounces + softBounces ? 'soft' : 'delivered';
  const at = new Date(Date.now() - dice.between(0, day));
  const later = new Date(at.getTime() + dice.between(1, day));
  outcomes.set(`${tag} ${kind}`, at.toISOString());
  const type = kind === 'delivered' ? 'email.delivered' : 'email.bounced';
  const moments = dice.chance(0.2) ? [later, at] : [at];
  return [
    eventOf('email.sent', mail, at, {}),
    ...moments.map((moment) => eventOf(type, mail, moment, bounces[kind] ?? {})),
  ];
}

const bounces: Record<string, object> = {
  hard: {
    bounce: { type: 'Permanent', subType: 'General', diagnosticCode: ['smtp; 550 5.1.1 user unknown'] },
  },
  soft: { bounce: { type: 'Transient', subType: 'MailboxFull', diagnosticCode: ['smtp; 452 4.2.2 full'] } },
};

function eventOf(
  type: string,
  mail: { id: string; to: string; tags: Tag[] },
  at: Date,
  detail: object,
): Event {
  const tags = Object.fromEntries(mail.tags.map(({ name, value }) => [name, value]));
  const data = { email_id: mail.id, to: [mail.to], created_at: at.toISOString(), tags, ...detail };
  return { id: `msg_${randomUUID()}`, body: JSON.stringify({ type, created_at: at.toISOString(), data }) };
}
