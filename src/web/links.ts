import type { Context } from '../context.ts';
import { type Purpose, signToken, type TokenClaims } from '../domain/tokens.ts';

/** The path of another page of the same reader, signed with the newest key. */
export function pathFor(
  ctx: Context,
  purpose: Purpose & ('preferences' | 'unsubscribe'),
  claims: TokenClaims,
): string {
  const { subscriberId, addressVersion } = claims;
  return `/${purpose}/${signToken(ctx.config.keys[0], { purpose, subscriberId, addressVersion })}`;
}
