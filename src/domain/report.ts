import { type Ledger, total } from './ledger.ts';
import { weekdayOf } from './weekdays.ts';

/** What a mail to the operator says, before it is drawn. */
export interface Report {
  subject: string;
  title: string;
  sentence: string;
  /** What needs a hand, the most urgent first. */
  needs: readonly string[];
  figures: readonly Figure[];
}

export interface Figure {
  name: string;
  value: string;
  /** Drawn as something to look at. */
  isBad?: boolean;
}

export interface Reported {
  delivered: number;
  bounced: number;
  complained: number;
  hard: number;
}

/** Resend pauses accounts near 4 % bounces and 0.08 % complaints; its own pages turn red before that. */
const bouncesBadAbove = 0.02;
const complaintsBadAbove = 0.0003;

/** The morning's report: an edition in figures, and what needs a hand. */
export function tellMorning(facts: {
  ledger: Ledger | undefined;
  reported: Reported;
  story: { sentence: string; needs: readonly string[] };
  subscribers: number;
}): Report {
  const { ledger, reported, story, subscribers } = facts;
  const { sentence, needs } = story;
  const edition = ledger ? `${weekdayOf(ledger.date)}’s edition` : 'No edition yet';
  const state =
    needs.length === 0
      ? 'nothing needs you'
      : needs.length === 1
        ? needs[0]!
        : `${needs.length} things need you`;
  return {
    subject: `Broadsheet: ${edition}, ${cut(state)}`,
    title: needs.length === 0 ? 'Nothing needs you' : 'This needs you',
    sentence,
    needs,
    figures: [
      ...(ledger ? figuresOf(ledger, reported) : []),
      { name: 'Readers', value: number(subscribers) },
    ],
  };
}

/** The report at once: what stopped, why, and what to do. */
export function tellHalt(what: string, why: string, todo: string): Report {
  return {
    subject: cut(`Broadsheet: ${what}`),
    title: what,
    sentence: why,
    needs: [todo],
    figures: [],
  };
}

function figuresOf(ledger: Ledger, { delivered, hard, bounced, complained }: Reported): Figure[] {
  const { accepted, audience, unknown, pending } = ledger;
  const failed = total(ledger.failed);
  const share = (n: number) => (accepted === 0 ? 0 : n / accepted);
  return [
    { name: 'Audience', value: number(audience) },
    { name: 'Accepted', value: number(accepted) },
    { name: 'Delivered', value: withShare(delivered, share(delivered)) },
    { name: 'Bounced', value: withShare(bounced, share(bounced)), isBad: share(bounced) > bouncesBadAbove },
    { name: 'Bounced hard', value: withShare(hard, share(hard)), isBad: share(hard) > bouncesBadAbove },
    {
      name: 'Complained',
      value: withShare(complained, share(complained)),
      isBad: share(complained) > complaintsBadAbove,
    },
    ...reasons('Skipped', ledger.skipped),
    ...reasons('Failed', ledger.failed).map((figure) => ({ ...figure, isBad: failed > 0 })),
    { name: 'Unknown', value: number(unknown), isBad: unknown > 0 },
    ...(pending > 0 ? [{ name: 'On the way', value: number(pending) }] : []),
  ];
}

function reasons(name: string, counts: Partial<Record<string, number>>): Figure[] {
  return Object.entries(counts)
    .filter(([, n]) => (n ?? 0) > 0)
    .map(([reason, n]) => ({ name: `${name}, ${reason.replaceAll('_', ' ')}`, value: number(n!) }));
}

/** "31 · 0.33 %": two digits tell 0.03 from 0.08. */
function withShare(n: number, share: number): string {
  return n === 0 ? '0' : `${number(n)} · ${(share * 100).toFixed(2)} %`;
}

/** Subjects stay on one line of a phone's list. */
function cut(text: string): string {
  return text.length <= subjectMax ? text.replace(/\.$/, '') : `${text.slice(0, subjectMax - 1).trimEnd()}…`;
}
const subjectMax = 90;

function number(n: number): string {
  return n.toLocaleString('en-US');
}
