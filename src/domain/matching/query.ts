/** What a topic looks for, read from a `tsquery`'s text. */
export type Query =
  | { kind: 'phrase'; words: readonly QueryWord[] }
  | { kind: 'and' | 'or'; parts: readonly Query[] }
  | { kind: 'not'; part: Query };

export interface QueryWord {
  stem: string;
  /** Words after the first one. */
  offset: number;
}

/** Reads a `tsquery`'s text: `'video' <-> 'generat' & !'game'`. Undefined for an empty one. Throws on what is none. */
export function parseQuery(text: string): Query | undefined {
  const tokens = [...text.matchAll(token)].map(([whole]) => whole);
  if (tokens.length === 0) return undefined;
  let at = 0;
  const query = readOr();
  if (at < tokens.length) throw new SyntaxError(`No tsquery: ${text}`);
  return query;

  function readOr(): Query {
    const parts = [readAnd()];
    while (tokens[at] === '|') {
      at++;
      parts.push(readAnd());
    }
    return parts.length === 1 ? parts[0]! : { kind: 'or', parts };
  }

  function readAnd(): Query {
    const parts = [readPhrase()];
    while (tokens[at] === '&') {
      at++;
      parts.push(readPhrase());
    }
    return parts.length === 1 ? parts[0]! : { kind: 'and', parts };
  }

  function readPhrase(): Query {
    let phrase = readOne();
    for (let step = distanceOf(tokens[at]); step !== undefined; step = distanceOf(tokens[at])) {
      at++;
      phrase = follow(phrase, step, readOne());
    }
    return phrase;
  }

  function readOne(): Query {
    const one = tokens[at++];
    if (one === '!') return { kind: 'not', part: readOne() };
    if (one === '(') {
      const inner = readOr();
      if (tokens[at++] !== ')') throw new SyntaxError(`No tsquery: ${text}`);
      return inner;
    }
    if (!one?.startsWith("'")) throw new SyntaxError(`No tsquery: ${text}`);
    const stem = one.slice(1, one.lastIndexOf("'")).replaceAll("''", "'");
    return { kind: 'phrase', words: [{ stem, offset: 0 }] };
  }
}

const token = /'(?:[^']|'')*'(?::[\dA-D*]+)?|<(?:-|\d+)>|[!&|()]/g;

function distanceOf(one: string | undefined): number | undefined {
  if (one === '<->') return 1;
  return one?.startsWith('<') ? Number(one.slice(1, -1)) : undefined;
}

/** Two operands of a phrase as one. What is no phrase of words is asked for anywhere: Postgres writes it for odd words only. */
function follow(left: Query, step: number, right: Query): Query {
  if (left.kind !== 'phrase' || right.kind !== 'phrase') return { kind: 'and', parts: [left, right] };
  const end = left.words.at(-1)!.offset;
  const moved = right.words.map(({ stem, offset }) => ({ stem, offset: end + step + offset }));
  return { kind: 'phrase', words: [...left.words, ...moved] };
}

/** The stems that a paper must have to meet a query, whatever else; none where alternatives leave it open. */
export function neededStems(query: Query): readonly string[] {
  if (query.kind === 'phrase') return query.words.map(({ stem }) => stem);
  if (query.kind === 'and') return query.parts.flatMap(neededStems);
  return [];
}

/** All stems that a query asks for, in any of its alternatives. */
export function wantedStems(query: Query): readonly string[] {
  if (query.kind === 'phrase') return query.words.map(({ stem }) => stem);
  return query.kind === 'not' ? [] : query.parts.flatMap(wantedStems);
}

/** What a query wants to be absent. */
export function leftOutOf(query: Query): Query[] {
  if (query.kind === 'not') return [query.part];
  return query.kind === 'phrase' ? [] : query.parts.flatMap(leftOutOf);
}
