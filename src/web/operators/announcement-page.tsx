/** @jsxImportSource hono/jsx */
import type { Announcement } from '../../db/announcements.ts';
import type { AnnouncementLedger } from '../../domain/announcement.ts';
import { total } from '../../domain/ledger.ts';
import { count, moment } from '../wording.ts';
import { number, reasons } from './ledger-table.tsx';
import { MailFrames } from './mail-frames.tsx';
import { OperatorSheet } from './operator-sheet.tsx';
import { ScrollTable } from './scroll-table.tsx';

const base = '/operators/announcements';

interface Row {
  announcement: Announcement;
  ledger: AnnouncementLedger | undefined;
}

const columns = [
  { name: 'Announcement', text: true },
  { name: 'To', text: true },
  { name: 'Started', text: true },
  ...['Audience', 'Accepted', 'Skipped', 'Failed', 'Unknown', 'Pending'].map((name) => ({ name })),
  { name: 'State', text: true },
];

export function AnnouncementsPage({ rows }: { rows: readonly Row[] }) {
  return (
    <OperatorSheet title="Announcements" section="announcements">
      <h1>Announcements</h1>
      <p>
        <a href={`${base}/new`}>Write one</a>
      </p>
      {rows.length === 0 ? (
        <p class="soft">News for readers will stand here, each with what became of it.</p>
      ) : (
        <ScrollTable caption="Announcements" columns={columns}>
          {rows.map((row) => (
            <AnnouncementRow {...row} />
          ))}
        </ScrollTable>
      )}
    </OperatorSheet>
  );
}

function AnnouncementRow({ announcement, ledger }: Row) {
  const { id, subject, topicName, startedAt } = announcement;
  return (
    <tr>
      <td class="text wrap">
        <a href={`${base}/${id}`}>{subject ?? `Draft ${id}`}</a>
      </td>
      <td class="text">{startedAt ? (topicName ?? 'all readers') : ''}</td>
      <td class="text">{startedAt ? moment(startedAt) : ''}</td>
      <LedgerCells ledger={ledger} />
      <td class="text">{stateOf(announcement)}</td>
    </tr>
  );
}

function LedgerCells({ ledger }: { ledger: AnnouncementLedger | undefined }) {
  if (!ledger) return <td colspan={6}></td>;
  return (
    <>
      <td>{number(ledger.audience)}</td>
      <td>{number(ledger.accepted)}</td>
      <td>{reasons(ledger.skipped)}</td>
      <td class={total(ledger.failed) > 0 ? 'red' : undefined}>{reasons(ledger.failed)}</td>
      <td class={ledger.unknown > 0 ? 'red' : undefined}>{number(ledger.unknown)}</td>
      <td>{number(ledger.pending)}</td>
    </>
  );
}

export interface UnderWayPageProps {
  announcement: Announcement;
  ledger: AnnouncementLedger;
  /** Readers whose turn has not come. */
  toCome: number;
  /** How long those will take, without digests beside them. */
  hours: number;
  /** Somebody asked for it again. */
  wasBefore: boolean;
}

/** An announcement that was started: how far it is, what became of everybody, and a way to stop it. */
export function UnderWayPage({ announcement, ledger, toCome, hours, wasBefore }: UnderWayPageProps) {
  const { id, topicName, startedAt, closedAt, stoppedAt } = announcement;
  const here = `${base}/${id}`;
  return (
    <OperatorSheet title={announcement.subject!} section="announcements">
      <h1>{announcement.subject}</h1>
      {wasBefore && (
        <div class="note" role="status">
          <p>This very text had been started for these readers before. Nobody gets it twice.</p>
        </div>
      )}
      <p class="sentence">
        {storyOf(announcement, ledger, toCome)}
        {toCome > 0 && ` The rest takes ${lengthOf(hours)}, longer while digests go out.`}
      </p>
      {!closedAt && !stoppedAt && (
        <form class="act" method="post" action={`${here}/stop`}>
          <button class="second">Stop it</button>
          <p class="hint">Who has no mail yet gets none. It cannot be started again for these readers.</p>
        </form>
      )}
      <section class="block">
        <ScrollTable caption="Ledger" columns={columns.slice(3)}>
          <tr>
            <LedgerCells ledger={ledger} />
            <td class="text">{stateOf(announcement)}</td>
          </tr>
        </ScrollTable>
        <dl class="facts">
          <dt>To</dt>
          <dd>{topicName ? `those who follow ${topicName}` : 'all confirmed readers'}</dd>
          <dt>Started</dt>
          <dd>{moment(startedAt!)}</dd>
          {(stoppedAt ?? closedAt) && (
            <>
              <dt>{stoppedAt ? 'Stopped' : 'Closed'}</dt>
              <dd>{moment((stoppedAt ?? closedAt)!)}</dd>
            </>
          )}
        </dl>
      </section>
      <MailFrames here={here} text={announcement.text!} />
    </OperatorSheet>
  );
}

function storyOf(announcement: Announcement, ledger: AnnouncementLedger, toCome: number): string {
  const { accepted, audience } = ledger;
  if (announcement.stoppedAt) return `Stopped after ${count(accepted, 'mail')} of ${number(audience)}.`;
  if (announcement.closedAt) return `${number(accepted)} of ${count(audience, 'reader')} were mailed it.`;
  return `${number(accepted)} of ${count(audience + toCome, 'reader')} were mailed it so far.`;
}

function stateOf({ startedAt, stoppedAt, closedAt }: Announcement): string {
  if (!startedAt) return 'draft';
  if (stoppedAt) return 'stopped';
  return closedAt ? 'closed' : 'under way';
}

function lengthOf(hours: number): string {
  if (hours < 0.1) return 'a few minutes';
  if (hours < 1.5) return `about ${Math.round(hours * 60)} minutes`;
  return hours < 48 ? `about ${Math.round(hours)} hours` : `about ${Math.round(hours / 24)} days`;
}
