import type { Context } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { words } from '../words/words.ts';

/** What a form sent. Values are as typed, but for characters that no text may hold. */
export interface Form {
  /** The last value of a field; empty when there is none. */
  text(name: string): string;
  /** All values of a field. */
  all(name: string): string[];
  has(name: string): boolean;
}

/** Every form here is smaller; what is larger is refused before it is read (413). */
export const formBytesMax = 64 * 1024;

/** Reads a urlencoded or multipart body. Files are left out. Throws a 400 for a body that is neither. */
export async function readForm(c: Context): Promise<Form> {
  let fields: Record<string, unknown>;
  try {
    fields = await c.req.parseBody({ all: true });
  } catch {
    throw new HTTPException(400, { message: words.site.unreadableForm });
  }
  return toForm(fields);
}

/** Fields by their names, from a body or from an address. */
export function toForm(fields: Record<string, unknown>): Form {
  const all = (name: string) => {
    const value = Object.hasOwn(fields, name) ? fields[name] : undefined;
    const values: unknown[] = Array.isArray(value) ? value : [value];
    return values.filter((one) => typeof one === 'string').map(withoutControls);
  };
  return {
    all,
    text: (name) => all(name).at(-1) ?? '',
    has: (name) => all(name).length > 0,
  };
}

/** Postgres stores no NUL, and no other control character but tab and line ends means anything in a form. */
function withoutControls(text: string): string {
  return text.replaceAll(/\p{Cs}/gu, '\ufffd').replaceAll(/[^\P{Cc}\t\n\r]/gu, '');
}
