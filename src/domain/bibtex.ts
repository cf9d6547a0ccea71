/** What a reference needs of a paper. */
export interface CitedPaper {
  key: string;
  title: string;
  authors: readonly string[];
  authorsCount: number;
  publishedAt: Date | null;
  categories: readonly string[];
  url: string;
}

/** The paper as a BibTeX entry that can be pasted as it is: braces balanced, special characters escaped. */
export function bibtexOf(paper: CitedPaper): string {
  const { key, title, authors, authorsCount, publishedAt, categories, url } = paper;
  const names = [...authors, ...(authorsCount > authors.length ? ['others'] : [])];
  const eprint = /^arxiv:(.+)$/.exec(key)?.[1];
  const fields: [string, string][] = [
    ['title', `{${escapeTex(title)}}`],
    ['author', names.map(escapeTex).join(' and ')],
    ['year', publishedAt ? String(publishedAt.getUTCFullYear()) : ''],
    ['eprint', eprint ?? ''],
    ['archivePrefix', eprint ? 'arXiv' : ''],
    ['primaryClass', eprint ? escapeTex(categories[0] ?? '') : ''],
    ['url', url.replaceAll(/[{}\\\s]/g, encodeURIComponent)],
  ];
  const lines = fields
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `  ${name} = {${value}},\n`);
  return `@misc{${citationKey(paper)},\n${lines.join('')}}\n`;
}

/** `song2025starflow`: the first author's last name, the year, the title's first long word. */
function citationKey({ authors, publishedAt, title }: CitedPaper): string {
  const surname = plain(authors[0]?.split(/\s+/).at(-1) ?? '');
  const word = title
    .split(/[\s:–—-]+/)
    .map(plain)
    .find((one) => one.length > 3);
  return `${surname}${publishedAt?.getUTCFullYear() ?? ''}${word ?? ''}` || 'paper';
}

function plain(text: string): string {
  return text
    .normalize('NFKD')
    .replaceAll(/[^A-Za-z0-9]/g, '')
    .toLowerCase();
}

function escapeTex(text: string): string {
  return text
    .replaceAll(/[\p{C}\s]+/gu, ' ')
    .replaceAll(/[\\{}#$%&_^~]/g, (character) => escapes[character] ?? `\\${character}`)
    .trim();
}

const escapes: Record<string, string> = {
  '\\': '\\textbackslash{}',
  '^': '\\textasciicircum{}',
  '~': '\\textasciitilde{}',
  // Escaped braces do not count for BibTeX's own balance in every program; as words they do no harm.
  '{': '\\textbraceleft{}',
  '}': '\\textbraceright{}',
};
