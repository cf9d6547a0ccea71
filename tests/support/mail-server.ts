import type { AddressInfo } from 'node:net';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';

/** What the server does with a mail, by the first word of its address. */
export type Behaviour =
  | 'takes'
  | { at: 'mail' | 'rcpt' | 'data'; code: number; words: string }
  /** The connection breaks while the address is asked, or once the whole mail has been taken. */
  | 'breaks at rcpt'
  | 'takes and breaks'
  | 'takes and says nothing'
  | 'takes slowly';

const slowMs = 300;

export interface ReceivedMail {
  from: string;
  to: string[];
  raw: Buffer;
}

export interface MailServer {
  port: number;
  /** By address; everything else is taken. */
  behaviours: Map<string, Behaviour>;
  /** Mails whose last byte arrived and which the server keeps, answered or not. */
  received: ReceivedMail[];
  /** Every address that was ever asked for, in order: an attempt shows here even when nothing came of it. */
  asked: string[];
  /** Connections ever opened. */
  connections: number;
  /** Drops every open connection, as a server does with idle ones. */
  drop(): void;
  close(): Promise<void>;
}

/** smtp-server on a free port of the loopback, without TLS unless asked, with a will of its own for each address. */
export async function openMailServer(options: SMTPServerOptions = {}): Promise<MailServer> {
  const behaviours = new Map<string, Behaviour>();
  const received: ReceivedMail[] = [];
  const asked: string[] = [];
  const of = (address: string) => behaviours.get(address) ?? 'takes';
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    logger: false,
    disableReverseLookup: true,
    hideENHANCEDSTATUSCODES: true,
    onConnect: (_session, done) => {
      mailServer.connections += 1;
      done();
    },
    onMailFrom: ({ address }, _session, done) => answer(of(address), 'mail', done),
    onRcptTo: ({ address }, _session, done) => {
      asked.push(address);
      if (of(address) === 'breaks at rcpt') drop();
      else answer(of(address), 'rcpt', done);
    },
    onData: (stream, { envelope }, done) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const to = envelope.rcptTo.map(({ address }) => address);
        const behaviour = of(to[0] ?? '');
        const from = envelope.mailFrom === false ? '' : envelope.mailFrom.address;
        if (typeof behaviour === 'string') received.push({ from, to, raw: Buffer.concat(chunks) });
        if (behaviour === 'takes and breaks') drop();
        else if (behaviour === 'takes slowly') setTimeout(done, slowMs);
        else if (behaviour !== 'takes and says nothing') answer(behaviour, 'data', done);
      });
    },
    ...options,
  });
  const drop = () => {
    for (const connection of server.connections as Set<{ _socket?: { resetAndDestroy(): void } }>) {
      connection._socket?.resetAndDestroy();
    }
  };
  server.on('error', () => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const mailServer: MailServer = {
    port: (server.server.address() as AddressInfo).port,
    behaviours,
    received,
    asked,
    connections: 0,
    drop,
    close: () => {
      drop();
      return new Promise((resolve) => server.close(resolve));
    },
  };
  return mailServer;
}

function answer(
  behaviour: Behaviour,
  at: 'mail' | 'rcpt' | 'data',
  done: (error?: Error | null) => void,
): void {
  if (typeof behaviour === 'string' || behaviour.at !== at) return done();
  done(Object.assign(new Error(behaviour.words), { responseCode: behaviour.code }));
}
