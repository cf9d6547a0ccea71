import { samplePapers } from '../../emails/preview-data.ts';
import { type Assembler, openAssembler } from '../../src/render/assemble.ts';
import {
  renderCard,
  renderDayline,
  renderSlotLine,
  renderSubject,
  renderWhy,
} from '../../src/render/fragments.ts';
import type { FragmentBytes } from '../../src/render/freeze.ts';
import { renderShell } from '../../src/render/shell.ts';

export const sampleInstallation = {
  from: 'Broadsheet <digest@example.org>',
  replyTo: undefined,
  baseUrl: 'http://localhost:3000',
  postalAddress: '1 Main Street',
  listId: 'daily.example.org',
};

/** The frozen bytes of a mail with one paper: what `sampleParts` numbers. */
export async function renderSample(): Promise<{ shell: Buffer; fragments: Map<number, FragmentBytes> }> {
  const { baseUrl } = sampleInstallation;
  const rendered = [
    await renderCard(samplePapers[0]!, { lead: true, baseUrl }),
    renderWhy([{ name: 'Robotics', inTitle: false }]),
    renderSubject('A title', 0),
    renderDayline({ localDate: '2025-12-12', papers: 1, chosenFrom: 1, partial: false }),
    renderSlotLine({ timeZone: 'Europe/Paris', sendHour: 7, weekdays: 127 }),
  ];
  return { shell: renderShell(sampleInstallation), fragments: new Map(rendered.entries()) };
}

/** An assembler in which the sample lies ready, its shell as number 1. */
export function layOutSample({ shell, fragments }: Awaited<ReturnType<typeof renderSample>>): Assembler {
  const assembler = openAssembler();
  assembler.layOutShell(1, shell);
  for (const [id, fragment] of fragments) assembler.layOut(id, fragment);
  return assembler;
}

export const sampleParts = { subject: 2, dayline: 3, slot: 4, topics: [], cards: [{ card: 0, why: 1 }] };
