import { expect } from 'vitest';
import type { TestContext } from '../../support/context.ts';
import { type Answer, type Fields, openSite } from '../site.ts';

/** The operators' pages as somebody who is logged in sees them. */
export interface OperatorSite {
  get(path: string): Promise<Answer>;
  /** Sends a form and gives the page that it leads to. */
  press(path: string, fields?: Fields): Promise<Answer>;
  /** Sends a form and gives its own answer. */
  post(path: string, fields?: Fields): Promise<Answer>;
}

const headers = {
  authorization: `Basic ${Buffer.from('anyone:only for tests').toString('base64')}`,
  accept: 'text/html',
  origin: 'http://localhost:3000',
};

export function openOperatorSite(ctx: TestContext): OperatorSite {
  const site = openSite(ctx);
  const post = (path: string, fields: Fields = {}) => site.post(path, fields, headers);
  return {
    get: (path) => site.get(path, headers),
    post,
    async press(path, fields) {
      const answer = await post(path, fields);
      expect(answer.status, answer.body).toBe(303);
      return site.get(answer.headers.get('location')!, headers);
    },
  };
}
