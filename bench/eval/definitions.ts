import { readFileSync } from 'node:fs';

/**
 * How a topic may be defined: by its name alone, by six phrases as a reader might type them, or by a whole list as the
 * curated topics have. Written from the categories' official descriptions and general knowledge, before anything was
 * measured; the order is that of writing.
 */
export interface CategoryTopic {
  category: string;
  name: string;
  phrases: string[];
}

export type Length = 'name' | 'six' | 'full';
export const lengths: readonly Length[] = ['name', 'six', 'full'];

/** Three more categories have phrases; the measures' averages are over the nineteen that the first baselines had. */
const besides = new Set(['cs.ET', 'cs.GR', 'cs.CE']);

export const categoryTopics: readonly CategoryTopic[] = (
  JSON.parse(readFileSync(new URL('topics.json', import.meta.url), 'utf8')) as CategoryTopic[]
).filter(({ category }) => !besides.has(category));

/** The definition as a topic's row would have it: phrases, any of which will do. */
export function definitionOf({ name, phrases }: CategoryTopic, length: Length): string {
  const chosen = { name: [name], six: phrases.slice(0, 6), full: phrases }[length];
  return chosen.map((phrase) => `"${phrase.toLowerCase()}"`).join(' or ');
}
