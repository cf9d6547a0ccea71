import type { Config } from '../config.ts';
import { askTimeoutMs, type Check, fail, ok, reasonOf, warn } from './check.ts';

/**
 * Whether the world finds us where the links point, and webhooks get through. The webhook's check posts a body without
 * a signature: it must be refused, and nothing is stored.
 */
export async function examineWeb({ publicUrl, transport }: Config): Promise<Check[]> {
  try {
    const health = await ask(`${publicUrl}/healthz`);
    const body: unknown = await health.json().catch(() => undefined);
    if (health.status !== 200 || (body as { status?: unknown } | undefined)?.status !== 'ok') {
      return [
        fail(
          'web',
          `${publicUrl}/healthz answers ${health.status}, and not as Broadsheet does. Check PUBLIC_URL and the proxy.`,
        ),
      ];
    }
  } catch (error) {
    return [
      warn(
        'web',
        `${publicUrl} could not be reached from here (${reasonOf(error)}). Start \`--roles web\`, and ask again from outside.`,
      ),
    ];
  }
  const web = ok('web', `${publicUrl} answers`);
  if (transport !== 'resend') return [web];
  const where = `${publicUrl}/webhooks/resend`;
  try {
    const { status } = await ask(where, { method: 'POST', body: '{}' });
    if (status === 400 || status === 401)
      return [web, ok('webhook', 'gets through, and is refused without a signature')];
    return [
      web,
      fail('webhook', `${where} answers ${status} to a POST. Let the proxy pass it on unchanged.`),
    ];
  } catch (error) {
    return [
      web,
      fail(
        'webhook',
        `${where} gives no answer to a POST (${reasonOf(error)}). Let the proxy pass it on unchanged.`,
      ),
    ];
  }
}

function ask(url: string, init: RequestInit = {}): Promise<Response> {
  return fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(askTimeoutMs), ...init });
}
