/** The press's own thread: prints one request body after the other, and keeps the frozen bytes that it was sent. */
import { parentPort } from 'node:worker_threads';
import { Permanent } from '../queue/errors.ts';
import { compileFragment } from '../render/assemble.ts';
import { compile } from '../render/compile.ts';
import type { Proof, Sheet, FrozenBytes } from './order.ts';
import { print, type Stock } from './print.ts';

const stock: Stock = { shells: new Map(), fragments: new Map() };

parentPort!.on('message', ({ number, frozen, clears, ...order }: Sheet) => {
  try {
    if (clears) stock.fragments.clear();
    layOut(frozen);
    // A secret comes as plain bytes.
    const keys = order.keys.map(({ id, secret }) => ({ id, secret: asBuffer(secret) }));
    const { body, sha256, memory } = print(stock, { ...order, keys: keys as unknown as Sheet['keys'] });
    send({ number, length: body.length, sha256, memory }, [memory]);
  } catch (error) {
    const isPermanent = error instanceof Permanent;
    send({ number, failure: error instanceof Error ? error.message : String(error), isPermanent });
  }
});

function layOut({ shells, fragments }: FrozenBytes): void {
  for (const [id, bytes] of shells) stock.shells.set(id, compile(asBuffer(bytes)));
  for (const [id, { html, text }] of fragments)
    stock.fragments.set(id, compileFragment({ html: asBuffer(html), text: asBuffer(text) }));
}

function asBuffer({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

function send(proof: Proof, moved: ArrayBuffer[] = []): void {
  parentPort!.postMessage(proof, moved);
}
