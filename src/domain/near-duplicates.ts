/** What tells whether two papers are nearly the same: a second listing under another key, a renamed version. */
export interface Titled {
  id: number;
  title: string;
  authors: readonly string[];
}

/** Titles of this many words that agree are no coincidence. */
const wordsAlikeMin = 4;
/** Papers with an author in common whose titles share this much of their words are one work. */
const sharedWordsMin = 0.75;

/**
 * Groups papers that are nearly the same: equal titles, and by a common author titles that are nearly equal or equal
 * after the name before the colon. Gives for those that have a twin the lowest id of their group.
 */
export function findTwins(papers: readonly Titled[]): Map<number, number> {
  const leaders = new Map<number, number>();
  const leaderOf = (id: number): number => {
    let leader = id;
    while (leaders.has(leader)) leader = leaders.get(leader)!;
    return leader;
  };
  const join = (a: number, b: number): void => {
    const [first, second] = [leaderOf(a), leaderOf(b)].toSorted((x, y) => x - y);
    if (first !== second) leaders.set(second!, first!);
  };
  for (const group of groupBy(papers, keysOf)) for (const { id } of group) join(group[0]!.id, id);
  for (const group of groupBy(papers, ({ authors }) => [...new Set(authors)])) joinAlike(group, join);
  const twins = new Map<number, number>();
  for (const { id } of papers) {
    const leader = leaderOf(id);
    if (leader === id) continue;
    twins.set(id, leader);
    twins.set(leader, leader);
  }
  return twins;
}

function joinAlike(papers: readonly Titled[], join: (a: number, b: number) => void): void {
  const titles = papers.map(({ title }) => ({ words: new Set(wordsOf(title)), ending: endingOf(title) }));
  for (let a = 0; a < papers.length; a++) {
    for (let b = a + 1; b < papers.length; b++) {
      const isAlike = titles[a]!.ending !== '' && titles[a]!.ending === titles[b]!.ending;
      if (isAlike || areAlike(titles[a]!.words, titles[b]!.words)) join(papers[a]!.id, papers[b]!.id);
    }
  }
}

/** Nearly the same words; a number that differs ("part 2") makes another work. */
function areAlike(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  if (Math.min(a.size, b.size) < wordsAlikeMin) return false;
  const different = [...a].filter((word) => !b.has(word)).concat([...b].filter((word) => !a.has(word)));
  const shared = (a.size + b.size - different.length) / 2;
  if (shared / (shared + different.length) < sharedWordsMin) return false;
  return !different.some((word) => /\d|^[ivx]+$/.test(word));
}

/** What follows the name before the colon, where it says enough. */
function endingOf(title: string): string {
  const words = title.includes(':') ? wordsOf(title.slice(title.indexOf(':') + 1)) : [];
  return words.length < wordsAlikeMin ? '' : words.join(' ');
}

/** The whole title. Short ones ("Technical report") say nothing. */
function keysOf({ title }: Titled): string[] {
  const words = wordsOf(title);
  return words.length < wordsAlikeMin ? [] : [words.join(' ')];
}

function wordsOf(title: string): string[] {
  return (
    title
      .normalize('NFKC')
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? []
  );
}

/** Groups of two and more that share a key; a paper may be in several. */
function groupBy(papers: readonly Titled[], keysOf: (paper: Titled) => readonly string[]): Titled[][] {
  const groups = new Map<string, Titled[]>();
  for (const paper of papers) {
    for (const key of keysOf(paper)) {
      const group = groups.get(key);
      if (group) group.push(paper);
      else groups.set(key, [paper]);
    }
  }
  return [...groups.values()].filter((group) => group.length > 1);
}
