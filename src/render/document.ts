import type { ReactElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';

/**
 * A whole mail as HTML: what React Email's `render()` writes, but for the comments by which React in a browser would find
 * its way. Not that function itself: it draws in an `AsyncLocalStorage`, and from the first mail on Node 20 would call
 * hooks around every promise of the process.
 */
export function renderDocument(element: ReactElement): string {
  return doctype + renderToStaticMarkup(element);
}

/** As React Email has it: Outlook lays out by it. */
const doctype =
  '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">';
