/** @jsxImportSource hono/jsx */
import type { Announcement } from '../../db/announcements.ts';
import type { Fault } from '../../domain/placeholders.ts';
import { type AnnouncementTemplate, announcementPlaceholders } from '../../render/announcement.ts';
import { inWords } from '../../render/mjml-template.ts';
import { moment } from '../wording.ts';
import { MailFrames } from './mail-frames.tsx';
import { OperatorSheet } from './operator-sheet.tsx';

const base = '/operators/announcements';

export function NewPage({ source }: { source: string }) {
  return (
    <OperatorSheet title="New announcement" section="announcements">
      <h1>New announcement</h1>
      <p class="soft">
        Nothing is mailed from here: first you see what it looks like, and can try it out on yourself.
      </p>
      <SourceForm action={base} source={source} button="Keep as a draft" />
    </OperatorSheet>
  );
}

interface SourceFormProps {
  action: string;
  source: string;
  button: string;
  faults?: readonly Fault[];
}

function SourceForm({ action, source, button, faults = [] }: SourceFormProps) {
  const isWrong = faults.length > 0;
  return (
    <form class="act" method="post" action={action} enctype="multipart/form-data">
      <div class="field">
        <label for="source">The mail, in MJML</label>
        <textarea
          id="source"
          name="source"
          class="code"
          rows={22}
          spellcheck={false}
          required
          aria-describedby={isWrong ? 'faults placeholders' : 'placeholders'}
          {...(isWrong && { 'aria-invalid': 'true' })}
        >
          {source}
        </textarea>
        <p class="hint" id="placeholders">
          The subject is what stands in mj-title. Filled in for each reader:{' '}
          {Object.keys(announcementPlaceholders)
            .map((name) => `{{${name}}}`)
            .join(', ')}
          . The link to unsubscribe and the postal address must be there.
        </p>
      </div>
      <button>{button}</button>
    </form>
  );
}

export interface DraftPageProps {
  announcement: Announcement;
  template: AnnouncementTemplate | undefined;
  faults: readonly Fault[];
  /** What became of a test; without a fault it was accepted. */
  tried?: { given: string; fault?: string } | undefined;
}

/** A draft: what is wrong with it, or what it looks like and what can be done with it; and its text, to change. */
export function DraftPage({ announcement, template, faults, tried }: DraftPageProps) {
  const here = `${base}/${announcement.id}`;
  const isReady = template !== undefined && faults.length === 0;
  return (
    <OperatorSheet title={template?.subject || 'A draft'} section="announcements">
      <h1>{template?.subject || 'A draft'}</h1>
      <p class="soft">A draft of {moment(announcement.createdAt)}. Nobody has it yet.</p>
      <FaultList faults={faults} />
      {isReady && (
        <div class="acts">
          <TestForm here={here} tried={tried} />
          <form class="act" method="get" action={`${here}/send`}>
            <button>Choose who gets it</button>
            <p class="hint">Nothing is mailed by this button yet.</p>
          </form>
        </div>
      )}
      {template && <MailFrames here={here} text={template.text} />}
      <section class="block">
        <h2>Change it</h2>
        <SourceForm action={`${here}/save`} source={announcement.source} button="Save" faults={faults} />
        <form method="post" action={`${here}/delete`}>
          <button class="plain small">Throw this draft away</button>
        </form>
      </section>
    </OperatorSheet>
  );
}

function FaultList({ faults }: { faults: readonly Fault[] }) {
  if (faults.length === 0) return null;
  return (
    <div class="faults" id="faults" role="alert">
      <p>
        <b>It cannot be mailed like this.</b>
      </p>
      {faults.map((fault) => (
        <p>{inWords(fault)}</p>
      ))}
    </div>
  );
}

function TestForm({ here, tried }: { here: string } & Pick<DraftPageProps, 'tried'>) {
  return (
    <form class="act" method="post" action={`${here}/test`}>
      <div class="line">
        <div class="field">
          <label for="address">Try it out on one address</label>
          <input
            id="address"
            name="address"
            type="email"
            required
            autocomplete="email"
            value={tried?.given ?? ''}
            {...(tried?.fault && { 'aria-invalid': 'true', 'aria-describedby': 'address-fault' })}
          />
        </div>
        <button class="second">Mail a test</button>
      </div>
      {tried?.fault && (
        <p class="fault" id="address-fault" role="alert">
          {tried.fault}
        </p>
      )}
      {tried && !tried.fault && <p role="status">Accepted: a test to {tried.given}.</p>}
    </form>
  );
}
