import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { HonoAdapter } from '@bull-board/hono';
import { serveStatic } from '@hono/node-server/serve-static';
import type { Hono } from 'hono';
import type { Context } from '../../context.ts';
import { queueNames } from '../../queue/queues.ts';

export const boardPath = '/operators/queues';

/** Bull Board over our six queues, to look and not to touch (RULES 25). */
export function openBoard(ctx: Context): Hono {
  const server = new HonoAdapter(serveStatic);
  server.setBasePath(boardPath);
  createBullBoard({
    queues: queueNames.map(
      (name) => new BullMQAdapter(ctx.queues.queue(name), { readOnlyMode: true, allowRetries: false }),
    ),
    // Its types come from a copy of the API that differs in the last digit only.
    serverAdapter: server as never,
    options: {
      uiConfig: {
        boardTitle: 'Broadsheet queues',
        miscLinks: [{ text: 'Operators', url: '/operators' }],
        hideRedisDetails: true,
      },
    },
  });
  return server.registerPlugin();
}
