import { Hono } from 'hono';

import type { Faults } from './faults.ts';
import { localOnly } from './local-only.ts';

/**
 * `/_faults`, for a test that runs in another process: GET lists what is scripted and how often it has happened, PUT
 * replaces it (JSON as `FaultScript` has it), DELETE ends it. Answers to this machine only.
 */
export function faultControl(faults: Faults): Hono {
  const routes = new Hono();
  routes.use('/_faults', localOnly());
  routes.get('/_faults', (c) => c.json({ faults: faults.list() }));
  routes.put('/_faults', async (c) => {
    try {
      faults.script(await c.req.json());
    } catch (error) {
      return c.json({ error: (error as Error).message }, 400);
    }
    return c.json({ faults: faults.list() });
  });
  routes.delete('/_faults', (c) => {
    faults.script({ faults: [] });
    return c.body(null, 204);
  });
  return routes;
}
