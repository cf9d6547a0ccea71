/** The press's own thread: prints one request body after the other, and keeps the frozen bytes that it was sent. */
import { parentPort, workerData } from 'node:worker_threads';
import { Permanent } from '../queue/errors.ts';
import { compileFragment } from '../render/assemble.ts';
import { compile } from '../render/compile.ts';
import { digestsOf } from './columns.ts';
import type { FrozenBytes, Proof, Sheet } from './order.ts';
import { NotReady, print, type Stock } from './print.ts';

const { keptMax } = workerData as { keptMax: number };
const stock: Stock = { shells: new Map(), fragments: new Map() };

parentPort!.on('message', (sheet: Sheet) => {
  const { number, frozen } = sheet;
  try {
    if (frozen.fragments.size === 0 && stock.fragments.size > keptMax) stock.fragments.clear();
    layOut(frozen);
    send(printed(sheet));
  } catch (error) {
    if (error instanceof NotReady) return send({ number, lacking: error.lacking, memory: sheet.memory });
    const isPermanent = error instanceof Permanent;
    send({ number, failure: error instanceof Error ? error.message : String(error), isPermanent });
  }
});

function printed({ number, shellId, keys, digests: columns, memory }: Sheet): Proof {
  const digests = digestsOf(columns);
  // A secret comes as plain bytes.
  const ring = keys.map(({ id, secret }) => ({ id, secret: asBuffer(secret) })) as unknown as Sheet['keys'];
  const { body, sha256, memory: filled } = print(stock, { shellId, keys: ring, digests, memory });
  return { number, length: body.length, sha256, memory: filled };
}

function layOut({ shells, fragments }: FrozenBytes): void {
  for (const [id, bytes] of shells) stock.shells.set(id, compile(asBuffer(bytes)));
  for (const [id, { html, text }] of fragments)
    stock.fragments.set(id, compileFragment({ html: copyOf(html), text: copyOf(text) }));
}

/** Beside the others: ten thousand fragments, each in memory of its own as it came, take 14 MB more of a worker. */
function copyOf(bytes: Uint8Array): Buffer {
  return Buffer.from(asBuffer(bytes));
}

function asBuffer({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

/** The memory goes back as it is, uncopied. */
function send(proof: Proof): void {
  parentPort!.postMessage(proof, 'memory' in proof && proof.memory ? [proof.memory] : []);
}
