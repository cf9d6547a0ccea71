import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { SourceGate } from '../../src/sources/source.ts';

export type Respond = (asked: URL, answer: ServerResponse) => void;

/** A server that answers in arXiv's place as it is told, and a gate that lets everyone pass and remembers who wanted silence. */
export interface ArxivStandIn {
  baseUrl: string;
  asked: URL[];
  respond: Respond;
  silences: number[];
  /** How often somebody went through the gate. */
  passes: number;
  gate: SourceGate;
  close(): Promise<void>;
}

export async function openArxivStandIn(): Promise<ArxivStandIn> {
  const server = createServer((request, answer) => {
    const url = new URL(request.url!, 'http://stand.in');
    standIn.asked.push(url);
    standIn.respond(url, answer);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const standIn: ArxivStandIn = {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked: [],
    respond: (_, answer) => answer.writeHead(500).end(),
    silences: [],
    passes: 0,
    gate: {
      pass: (_, ask) => {
        standIn.passes += 1;
        return ask();
      },
      silence: async (forMs) => void standIn.silences.push(forMs),
    },
    async close() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
  return standIn;
}
