import { type AuthorName, compareNames, familySpellings, parseAuthorName } from '../author-name.ts';
import { isOrganization, wordsOfOrganization } from '../organization-name.ts';

/** What a paper says of itself besides its text. */
export interface PaperFacts {
  id: number;
  authors: readonly string[];
  organization: string | null;
  /** The primary one first. */
  categories: readonly string[];
}

/** Topics that are met by such facts, not by words. */
export type FactKind = 'author' | 'organization' | 'category';

export interface FactTopic {
  kind: FactKind;
  /** Without the words it leaves out: `lecun, yann`, `google deepmind`, `cs.RO`. */
  core: string;
}

export interface FactMatch {
  paperId: number;
  relevance: number;
  /** What of the paper meets the topic, as it stands there: `Y. LeCun`. */
  phrase: string;
}

/**
 * How much a paper is of the topic: to follow a person is to want each of their papers, whereas a category holds dozens a
 * day, of which votes and the reader's other topics should choose. On the scale of `relevanceOf`.
 */
const relevances = { whole: 0.95, initials: 0.7, organization: 0.75, primary: 0.5, crossed: 0.35 } as const;

/** The papers that meet each topic, by the topic's place. */
export function matchFacts(topics: readonly FactTopic[], papers: readonly PaperFacts[]): FactMatch[][] {
  const isWanted = (kind: FactKind) => topics.some((topic) => topic.kind === kind);
  const byFamily: ReadonlyMap<string, readonly Named[]> = isWanted('author')
    ? listByFamily(papers)
    : new Map<string, Named[]>();
  const houses = isWanted('organization') ? listHouses(papers) : [];
  return topics.map(({ kind, core }) => {
    if (kind === 'author') return byAuthor(parseAuthorName(core), byFamily);
    if (kind === 'organization') return byOrganization(wordsOfOrganization(core), houses);
    return byCategory(core, papers);
  });
}

interface Named {
  paperId: number;
  author: string;
  name: AuthorName;
}

function listByFamily(papers: readonly PaperFacts[]): Map<string, Named[]> {
  const byFamily = new Map<string, Named[]>();
  for (const { id, authors } of papers) {
    for (const author of authors) {
      const name = parseAuthorName(author);
      if (!name) continue;
      for (const spelling of familySpellings(name)) {
        const list = byFamily.get(spelling);
        if (list) list.push({ paperId: id, author, name });
        else byFamily.set(spelling, [{ paperId: id, author, name }]);
      }
    }
  }
  return byFamily;
}

function byAuthor(
  wanted: AuthorName | undefined,
  byFamily: ReadonlyMap<string, readonly Named[]>,
): FactMatch[] {
  if (!wanted) return [];
  const best = new Map<number, FactMatch>();
  for (const spelling of familySpellings(wanted)) {
    for (const { paperId, author, name } of byFamily.get(spelling) ?? []) {
      const likeness = compareNames(wanted, name);
      if (!likeness || (best.get(paperId)?.relevance ?? 0) >= relevances[likeness]) continue;
      best.set(paperId, { paperId, relevance: relevances[likeness], phrase: author });
    }
  }
  return [...best.values()];
}

interface House {
  name: string;
  words: readonly string[];
  paperIds: number[];
}

/** Few organisations have many papers: each is looked at once. */
function listHouses(papers: readonly PaperFacts[]): House[] {
  const houses = new Map<string, House>();
  for (const { id, organization } of papers) {
    if (organization === null) continue;
    const house = houses.get(organization);
    if (house) house.paperIds.push(id);
    else {
      const words = wordsOfOrganization(organization);
      houses.set(organization, { name: organization, words, paperIds: [id] });
    }
  }
  return [...houses.values()];
}

function byOrganization(wanted: readonly string[], houses: readonly House[]): FactMatch[] {
  return houses
    .filter(({ words }) => isOrganization(wanted, words))
    .flatMap(({ name, paperIds }) =>
      paperIds.map((paperId) => ({ paperId, relevance: relevances.organization, phrase: name })),
    );
}

function byCategory(wanted: string, papers: readonly PaperFacts[]): FactMatch[] {
  const isOf = (category: string) => category === wanted || category.startsWith(`${wanted}.`);
  return papers.flatMap(({ id, categories }) => {
    const place = categories.findIndex(isOf);
    if (place < 0) return [];
    const relevance = place === 0 ? relevances.primary : relevances.crossed;
    return [{ paperId: id, relevance, phrase: categories[place]! }];
  });
}
