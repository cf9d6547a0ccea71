import type { Readable } from 'node:stream';
import { createTransport, type NodemailerError, type SMTPPoolOptions } from 'nodemailer';

import { readFailure } from './smtp-answer.ts';
import { composeMail } from './smtp-mail.ts';
import { smtpIdentity, type SmtpServer } from './smtp-url.ts';
import type { Receipt, Submission, Transport } from './transport.ts';

export interface SmtpOptions extends Omit<SmtpServer, 'dkim'> {
  /** Signs with this RSA key, PEM. */
  dkim?: { domain: string; selector: string; privateKey: string } | undefined;
  /** How long a server may take for one reply. */
  replyTimeoutMs?: number;
}

/** What RFC 5321 section 4.5.3.2.6 asks for: giving up earlier makes mails unknown that were only slow. */
const replyTimeoutMs = 600_000;
const connectTimeoutMs = 30_000;
/** A mail that has begun to leave when the process stops has this long to be answered. */
const finishWithinMs = 10_000;
/** A worker has few requests in flight; more connections than that would idle. */
const connectionsMax = 5;
const mailsPerConnectionMax = 1_000;
const idleMs = 20_000;

/** Everything that means something to a reader or their mail program. RFC 8058 section 4 demands the last two. */
export const signedHeaders = [
  'From:Reply-To:To:Subject:Date:Message-ID:MIME-Version:Content-Type:Content-Transfer-Encoding',
  'List-Id:Auto-Submitted:List-Unsubscribe:List-Unsubscribe-Post',
].join(':');

/**
 * A mail server, through nodemailer's pool. SMTP knows no idempotency key, so a request is one mail, and one whose
 * answer is lost is reported as lost: the caller never sends it again (RULES 13).
 */
export function smtpTransport(options: SmtpOptions): Transport {
  const watches = new Map<string, MailWatch>();
  const pool = createTransport(poolOptions(options));
  pool.use('stream', (mail, done) => {
    watches.get(String(mail.data.messageId))?.over(mail.message);
    done();
  });
  // What happens to a connection is told by the mail that was on it.
  pool.on('error', () => {});

  return {
    identity: smtpIdentity({ ...options, dkim: undefined }),
    isKeyless: true,

    async submit(request: Submission): Promise<Receipt> {
      if (request.signal?.aborted) return notBegun;
      if (request.members !== 1) return tooMany;
      const mail = composeMail(request.body, request.key);
      if (!mail) return unreadable;
      const watch = watchMail();
      const clock = startClock(request.signal, watch.hadBegun);
      watches.set(mail.messageId, watch);
      try {
        await pool.sendMail({ ...mail, signal: clock.signal });
        return { outcome: 'accepted', ids: [mail.messageId], refused: [], limits: {} };
      } catch (thrown) {
        const error = thrown as NodemailerError;
        return readFailure({ error, hadBegun: watch.hadBegun(), isStopping: clock.isStopping() });
      } finally {
        clock.stop();
        watches.delete(mail.messageId);
      }
    },

    async close() {
      pool.close({ force: true });
    },
  };
}

/** The shutdown came before the request: nothing left this machine. */
const notBegun: Receipt = { outcome: 'wait', code: 'stopping', retryAfterMs: 0, limits: {} };
/** The caller forgot to split; it will now. */
const tooMany: Receipt = {
  outcome: 'refused',
  code: 'one_mail_a_request',
  reason: 'Over SMTP a request holds one mail.',
  limits: {},
};

/** No mail, which would be a bug of ours: to send it again would not help. */
const unreadable: Receipt = {
  outcome: 'refused',
  code: 'unreadable_mail',
  reason: 'The body is not the JSON of one mail.',
  limits: {},
};

function poolOptions(options: SmtpOptions): SMTPPoolOptions & { pool: true } {
  const { host, port, secure, auth, tlsOptional, name, dkim } = options;
  return {
    pool: true,
    host,
    port,
    secure,
    ...(auth && { auth }),
    ...(name !== undefined && { name }),
    requireTLS: !secure && !tlsOptional,
    tls: { rejectUnauthorized: !tlsOptional },
    ...(dkim && {
      dkim: {
        domainName: dkim.domain,
        keySelector: dkim.selector,
        privateKey: dkim.privateKey,
        headerFieldNames: signedHeaders,
      },
    }),
    maxConnections: connectionsMax,
    maxMessages: mailsPerConnectionMax,
    idleTimeout: idleMs,
    // A connection that the server dropped while it was idle is replaced; see watchMail for why that is safe.
    maxRequeues: 1,
    connectionTimeout: connectTimeoutMs,
    greetingTimeout: connectTimeoutMs,
    socketTimeout: options.replyTimeoutMs ?? replyTimeoutMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}

interface MailWatch {
  /** Whether the server has been given any of the mail itself: from there on silence proves nothing. */
  hadBegun(): boolean;
  /** Sees to it that the streams made of this mail are known, and that none is made after one has begun to leave. */
  over(message: { createReadStream(options?: object): Readable }): void;
}

/**
 * nodemailer's errors do not tell on which side of DATA a connection broke, but the stream of the mail does: the
 * connection reads it only once the server has said 354.
 */
function watchMail(): MailWatch {
  const streams: Readable[] = [];
  const hadBegun = () => streams.some((stream) => stream.readableDidRead);
  return {
    hadBegun,
    over(message) {
      const create = message.createReadStream.bind(message);
      message.createReadStream = (options) => {
        const mayLeave = !hadBegun();
        const stream = create(options);
        if (!mayLeave)
          stream.destroy(new Error('This mail has begun to leave once; it does not leave again.'));
        streams.push(stream);
        return stream;
      };
    },
  };
}

interface StopClock {
  signal: AbortSignal;
  isStopping(): boolean;
  stop(): void;
}

/** Ends a mail that has not begun to leave when the caller stops; one that has may finish for a while. */
function startClock(caller: AbortSignal | undefined, hadBegun: () => boolean): StopClock {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let isStopping = false;
  const end = () => {
    isStopping = true;
    controller.abort();
  };
  const onCaller = () => {
    if (hadBegun()) timer = setTimeout(end, finishWithinMs);
    else end();
  };
  caller?.addEventListener('abort', onCaller, { once: true });
  return {
    signal: controller.signal,
    isStopping: () => isStopping,
    stop() {
      clearTimeout(timer);
      caller?.removeEventListener('abort', onCaller);
    },
  };
}
