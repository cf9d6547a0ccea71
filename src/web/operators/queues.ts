import { Hono } from 'hono';
import type { Context } from '../../context.ts';
import { boardPolicy } from '../headers.ts';

/** The queues' board. It is large and seldom asked for, so it is loaded when it first is. */
export function queueRoutes(ctx: Context): Hono {
  const routes = new Hono();
  let board: Promise<Hono> | undefined;

  routes.all('/operators/queues/*', async (c) => {
    if (c.req.method !== 'GET' && c.req.method !== 'HEAD') {
      return c.text('The board is for looking only.\n', 405, { Allow: 'GET, HEAD' });
    }
    board ??= import('./board.ts').then(({ openBoard, boardPath }) =>
      new Hono().route(boardPath, openBoard(ctx)),
    );
    const opened = await board.catch((error: unknown) => {
      board = undefined;
      throw error;
    });
    const answer = await opened.fetch(c.req.raw, c.env);
    const response = new Response(answer.body, answer);
    response.headers.set('Content-Security-Policy', boardPolicy);
    return response;
  });
  return routes;
}
