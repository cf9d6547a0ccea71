import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface EmbeddingsServer {
  baseUrl: string;
  /** The bodies asked for, oldest first. */
  asked: { model: string; input: string[]; authorization: string | undefined }[];
  /** In place of the next answers: a status and a body, or nothing at all. */
  answerWith(fault: { status: number; body: string; location?: string } | 'reset' | undefined): void;
  close(): Promise<void>;
}

/**
 * Speaks `POST /v1/embeddings` with vectors that a test can reason about: one dimension a group of words that mean the
 * same. Answers in the opposite order, as servers may.
 */
export async function openEmbeddingsServer(meanings: readonly RegExp[]): Promise<EmbeddingsServer> {
  const asked: EmbeddingsServer['asked'] = [];
  let fault: Parameters<EmbeddingsServer['answerWith']>[0];
  const server = createServer((request, response) => void answer(request, response)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    asked,
    answerWith: (next) => void (fault = next),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { model, input } = JSON.parse(Buffer.concat(chunks).toString()) as {
      model: string;
      input: string[];
    };
    asked.push({ model, input, authorization: request.headers.authorization });
    if (fault === 'reset') return void request.socket.destroy();
    if (fault) {
      response.writeHead(fault.status, fault.location ? { location: fault.location } : {});
      return void response.end(fault.body);
    }
    const data = input.map((text, index) => ({
      index,
      embedding: [0.1, ...meanings.map((meaning) => text.match(meaning)?.length ?? 0)],
    }));
    response.writeHead(request.url === '/v1/embeddings' ? 200 : 404);
    response.end(JSON.stringify({ object: 'list', data: data.toReversed(), model }));
  }
}
