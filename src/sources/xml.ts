import { XMLParser } from 'fast-xml-parser';

import { field, type Fields, isObject } from './fields.ts';

/** Why a text is no XML that we read, for a person. */
export class XmlFault extends Error {
  override readonly name = 'XmlFault';
}

/**
 * A document as plain objects: elements by name without prefix, attributes with an @ before their name, text as #text.
 * Declarations of one's own (DTD, entities) are refused, not expanded: no list of papers has any. Only the five entities
 * of XML are resolved; numbered ones are left to `clean`. Throws XmlFault when it is cut off or not well formed.
 */
export function parseXml(text: string): Fields {
  if (/<!(?:DOCTYPE|ENTITY)/i.test(text)) {
    throw new XmlFault(
      isHtml(text)
        ? 'is an HTML page, not XML'
        : 'declares a DTD, which no list of papers needs; it is not read',
    );
  }
  if (isHtml(text)) throw new XmlFault('is an HTML page, not XML');
  try {
    const parsed: unknown = parser.parse(text, true);
    if (isObject(parsed)) return parsed;
  } catch (error) {
    throw new XmlFault(`is not complete XML (${shorten(error)})`, { cause: error });
  }
  throw new XmlFault('is not complete XML (it has no element)');
}

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  removeNSPrefix: true,
  parseTagValue: false,
  trimValues: false,
  ignoreDeclaration: true,
  ignorePiTags: true,
  maxNestedTags: 40,
  // With no DTD there is nothing to expand. This bounds what is left.
  processEntities: { enabled: true, maxEntityCount: 1, maxTotalExpansions: 10_000_000 },
});

const isHtml = (text: string): boolean =>
  /^\s*(?:<!--[^]{0,2000}?-->\s*)?<(?:!doctype\s+html|html)\b/i.test(text);

function shorten(error: unknown): string {
  const message = error instanceof Error ? error.message : '';
  return message.replaceAll(/[^\x20-\x7e]+/g, ' ').slice(0, 100) || 'unreadable';
}

/** The first child of that name: a text or an element; undefined where there is none. */
export function child(node: unknown, name: string): unknown {
  return children(node, name)[0];
}

/** All children of that name. */
export function children(node: unknown, name: string): unknown[] {
  const value = isObject(node) ? field(node, name) : undefined;
  if (value === undefined) return [];
  return Array.isArray(value) ? (value as unknown[]) : [value];
}

/** What an element says, trimmed; undefined when it says nothing. */
export function textOf(node: unknown): string | undefined {
  const value = isObject(node) ? field(node, '#text') : node;
  const trimmed = typeof value === 'string' ? value.trim() : '';
  return trimmed === '' ? undefined : trimmed;
}

/** What the first child of that name says. */
export function childText(node: unknown, name: string): string | undefined {
  return textOf(child(node, name));
}

export function attribute(node: unknown, name: string): string | undefined {
  return isObject(node) ? textOf(field(node, `@${name}`)) : undefined;
}
