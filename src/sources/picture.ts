import type { IncomingMessage } from 'node:http';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import { within } from '../deadline.ts';
import { isPictureAddress } from '../domain/picture.ts';
import { publicLookup } from './public-address.ts';

/** What came of asking for a picture: its bytes, no picture there, or no connection to the host at all. */
export type PictureAnswer = { bytes: Buffer } | { refused: string } | { unreachable: string };

/** How a request is made; tests put a server of their own in its place. */
export type Requester = (
  url: URL,
  options: RequestOptions,
  answer: (message: IncomingMessage) => void,
) => { on(event: 'error', listener: (error: Error) => void): unknown; end(): unknown; destroy(): unknown };

export const pictureBytesMax = 8 * 1024 * 1024;
const timeoutMs = 10_000;
const redirectsMax = 2;
const headers = {
  'user-agent': 'broadsheet/0.1 (daily digest of papers; each picture once)',
  accept: 'image/jpeg, image/png, image/webp',
};

/**
 * Fetches a picture from a host on the list, over https, at most `pictureBytesMax`. Redirects are followed within the list
 * only, and no connection goes to a private address, whatever a name resolves to (RULES 25).
 */
export async function fetchPicture(
  address: string,
  signal: AbortSignal,
  request: Requester = httpsRequest,
): Promise<PictureAnswer> {
  return within(timeoutMs, signal, (deadline) => follow(address, deadline.signal, request));
}

async function follow(address: string, signal: AbortSignal, request: Requester): Promise<PictureAnswer> {
  let url = address;
  for (let redirects = 0; redirects <= redirectsMax; redirects += 1) {
    if (!isPictureAddress(url)) return { refused: 'not from a host on the list' };
    const answer = await ask(new URL(url), signal, request).catch((error: Error) => ({
      unreachable: signal.aborted ? `no answer in ${timeoutMs / 1000} s` : error.message,
    }));
    if (!('location' in answer)) return answer;
    url = URL.canParse(answer.location, url) ? new URL(answer.location, url).href : '';
  }
  return { refused: 'redirected too often' };
}

function ask(
  url: URL,
  signal: AbortSignal,
  request: Requester,
): Promise<PictureAnswer | { location: string }> {
  return new Promise((resolve, reject) => {
    const asking = request(url, { headers, signal, lookup: publicLookup }, (message) => {
      const { statusCode = 0 } = message;
      const { location } = message.headers;
      message.on('error', reject);
      if (statusCode === 200) {
        readAtMost(message, pictureBytesMax).then(
          (bytes) => resolve(bytes ? { bytes } : { refused: 'larger than a picture should be' }),
          reject,
        );
        return;
      }
      message.destroy();
      const isMoved = statusCode >= 301 && statusCode <= 308 && location !== undefined;
      resolve(isMoved ? { location } : { refused: `answered ${statusCode}` });
    });
    asking.on('error', reject);
    asking.end();
  });
}

async function readAtMost(message: IncomingMessage, bytesMax: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of message as AsyncIterable<Buffer>) {
    bytes += chunk.byteLength;
    // Leaving the loop ends the connection.
    if (bytes > bytesMax) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
