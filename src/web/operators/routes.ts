import { Hono } from 'hono';
import type { Context } from '../../context.ts';
import { actionRoutes } from './actions.tsx';
import { announcementRoutes } from './announcements.tsx';
import { openEditionCounts } from './edition-counts.ts';
import { courseRoutes } from './courses.ts';
import { dryRunRoutes } from './dry-run.tsx';
import { editionRoutes } from './editions.tsx';
import { featureRoutes } from './feature.tsx';
import { loginRoutes } from './login.tsx';
import { metricsRoutes } from './metrics.ts';
import { overviewRoutes } from './overview.tsx';
import { paperAdminRoutes } from './papers.tsx';
import { plotRoutes } from './plots-page.tsx';
import { queueRoutes } from './queues.ts';
import { subscriberRoutes } from './subscribers.tsx';
import { topicEditRoutes } from './topic-edit.tsx';
import { suppressionRoutes } from './suppressions.tsx';
import { topicAdminRoutes } from './topics.tsx';
import { webhookInboxRoutes } from './webhook-inbox.tsx';

/** Everything under /operators, where the login comes first and guards whatever follows; and /metrics, which asks for itself. */
export function operatorRoutes(ctx: Context, ending?: AbortSignal): Hono {
  const counts = openEditionCounts(ctx);
  const routes = new Hono({ strict: false });
  routes.route('/', loginRoutes(ctx));
  routes.route('/', overviewRoutes(ctx, counts, ending));
  routes.route('/', plotRoutes(ctx, counts));
  routes.route('/', courseRoutes(ctx));
  routes.route('/', editionRoutes(ctx, counts));
  routes.route('/', dryRunRoutes(ctx));
  routes.route('/', metricsRoutes(ctx, counts));
  routes.route('/', subscriberRoutes(ctx));
  routes.route('/', featureRoutes(ctx));
  routes.route('/', paperAdminRoutes(ctx));
  routes.route('/', topicAdminRoutes(ctx));
  routes.route('/', topicEditRoutes(ctx));
  routes.route('/', announcementRoutes(ctx));
  routes.route('/', webhookInboxRoutes(ctx, counts));
  routes.route('/', suppressionRoutes(ctx));
  routes.route('/', actionRoutes(ctx));
  routes.route('/', queueRoutes(ctx));
  return routes;
}
