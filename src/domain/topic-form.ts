import { alternativesOf, definitionOf, parseTopic, phraseCharactersMax, slugOf } from './topic.ts';

/** A topic as an operator writes it: its name, what readers see under it, and its phrases, one a line. */
export interface WrittenTopic {
  name: string;
  description: string;
  phrases: string;
}

export interface TopicWords {
  slug: string;
  name: string;
  description: string;
  definition: string;
}

export type TopicFaults = Partial<Record<keyof WrittenTopic, string>>;

const nameCharactersMax = 60;
const descriptionCharactersMax = 200;
const phrasesMax = 100;

/** What was written, as a topic that readers can choose by its name; or every fault there is, by field. */
export function readWrittenTopic(written: WrittenTopic): TopicWords | { faults: TopicFaults } {
  const faults: TopicFaults = {};
  const name = oneLine(written.name);
  const description = oneLine(written.description);
  const slug = slugOf(name);
  if (slug === '') faults.name = 'Give it a name, as readers will see it.';
  else if (name.length > nameCharactersMax || !/^[\p{L}\p{N} &-]+$/u.test(name)) {
    faults.name = `A name has letters, digits, spaces, & and -, at most ${nameCharactersMax} characters.`;
  }
  if (description.length > descriptionCharactersMax) {
    faults.description = `At most ${descriptionCharactersMax} characters, please: it is one line.`;
  }
  const phrases = phrasesIn(written.phrases);
  const phraseFault = checkPhrases(phrases);
  if (phraseFault) faults.phrases = phraseFault;
  if (Object.keys(faults).length > 0) return { faults };
  return { slug, name, description, definition: definitionOf({ phrases }) };
}

/** A definition's phrases as a form shows them, one a line. */
export function phraseLines(definition: string): string {
  return alternativesOf(definition)
    .map((phrase) => phrase.replaceAll('"', '').trim())
    .join('\n');
}

function phrasesIn(text: string): string[] {
  return [...new Set(text.split(/[;\r\n]+/).map((line) => oneLine(line).replaceAll('"', '').trim()))].filter(
    (phrase) => phrase !== '',
  );
}

function checkPhrases(phrases: readonly string[]): string | undefined {
  if (phrases.length === 0) return 'Write at least one phrase; a paper that has it belongs to the topic.';
  if (phrases.length > phrasesMax)
    return `At most ${phrasesMax} phrases, please; there are ${phrases.length}.`;
  for (const phrase of phrases) {
    const shown = `“${Array.from(phrase).slice(0, 40).join('')}”`;
    if (Array.from(phrase).length > phraseCharactersMax - 2) return `${shown} is too long for a phrase.`;
    if (!/[\p{L}\p{N}]/u.test(phrase)) return `${shown} has no word.`;
    const parsed = parseTopic(`"${phrase}"`, () => undefined);
    if ('fault' in parsed) return `${shown} ${parsed.fault}.`;
  }
  return undefined;
}

function oneLine(text: string): string {
  return text.replaceAll(/[\p{C}\s]+/gu, ' ').trim();
}
