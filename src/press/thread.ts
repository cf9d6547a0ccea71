/** The press's own thread: prints one request body after the other, and keeps the frozen bytes that it was sent. */
import { parentPort, workerData } from 'node:worker_threads';
import { Permanent } from '../queue/errors.ts';
import { openAssembler } from '../render/assemble.ts';
import { NotReady } from '../render/stock.ts';
import { digestsOf } from './columns.ts';
import type { Proof, Sheet } from './order.ts';
import { layOut, print } from './print.ts';

/** What a thread is started with. */
export interface ThreadData {
  keptMax: number;
  kernel: WebAssembly.Module;
}

const { keptMax, kernel } = workerData as ThreadData;
const assembler = openAssembler(kernel);

parentPort!.on('message', (sheet: Sheet) => {
  const { number, frozen } = sheet;
  try {
    if (frozen.fragments.size === 0 && assembler.size() > keptMax) assembler.clear();
    layOut(assembler, frozen);
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
  const { body, hash, memory: filled } = print(assembler, { shellId, keys: ring, digests, memory });
  return { number, length: body.length, hash, memory: filled };
}

function asBuffer({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

/** The memory goes back as it is, uncopied. */
function send(proof: Proof): void {
  parentPort!.postMessage(proof, 'memory' in proof && proof.memory ? [proof.memory] : []);
}
