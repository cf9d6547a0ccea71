import type { NodemailerError } from 'nodemailer';

import { type BounceClass, classifyBounce, enhancedStatus } from '../domain/bounce.ts';
import type { Receipt } from './transport.ts';

export interface SmtpFailure {
  error: NodemailerError;
  /** Whether any of the mail itself had left when it failed: from there on only the server's own reply is proof. */
  hadBegun: boolean;
  /** Whether it failed because this process stops. */
  isStopping: boolean;
}

/** A server that cannot be reached or is busy with itself is asked again after this long, by all processes. */
export const serverPauseMs = 15_000;
/** One mail that the server puts off, greylisting mostly, is tried again after this long; the others go on. */
export const deferralMs = 15 * 60_000;

const reasonCharsMax = 300;
const limits = {};

/**
 * The receipt for a mail that was not accepted. The reply's code decides, and the command it answers (RFC 5321, 3463).
 *
 * Before the mail itself has begun to leave, nothing can have been taken. Afterwards only a 4yz or 5yz reply to it
 * proves that; silence does not, nor does a 421 with which a server closes, whatever it has done (RULES 13).
 */
export function readFailure({ error, hadBegun, isStopping }: SmtpFailure): Receipt {
  const reply = error.responseCode;
  const isRefusal = typeof reply === 'number' && reply >= 400 && reply <= 599;
  const isAnswered = isRefusal && reply !== 421 && (error.code === 'EMESSAGE' || error.code === 'EENVELOPE');
  if (hadBegun && !isAnswered) {
    const code = isStopping ? 'stopping' : error.code === 'ETIMEDOUT' ? 'timeout' : 'no_answer';
    return { outcome: 'lost', code, reason: tidy(`No answer came to the mail. ${error.message}`), limits };
  }
  if (isStopping) return { outcome: 'wait', code: 'stopping', retryAfterMs: 0, limits };
  if (isLocal(error)) return refused(error, codeOf(error), error.code === 'EMESSAGE' ? 'content' : undefined);
  if (isAnswered) return readReply(error, reply);
  if (isForOperator(error)) return { outcome: 'halt', code: codeOf(error), reason: reasonOf(error), limits };
  return pause(error);
}

/** A 4yz or 5yz to MAIL, RCPT or DATA. */
function readReply(error: NodemailerError, reply: number): Receipt {
  const text = error.response ?? '';
  const status = enhancedStatus(text) ?? '';
  const isOfSender = error.command === 'MAIL FROM' && !/^5\.(2\.3|3\.4)$/.test(status) && reply !== 552;
  // The sender is refused, and with it every mail: a login or a permission is missing.
  if (reply >= 500 && (isOfSender || loginReplies.has(reply))) {
    return { outcome: 'halt', code: `smtp_${reply}`, reason: reasonOf(error), limits };
  }
  // 503 speaks of the session and not of the mail.
  if (reply === 503) return pause(error);
  if (reply >= 500) return refused(error, `smtp_${reply}`, classifyBounce({ diagnosticCodes: [text] }));
  // X.3.Z is the server's own state, a full disk say, and MAIL is about no reader yet: all wait.
  if (error.command === 'MAIL FROM' || status.startsWith('4.3.')) return pause(error);
  return {
    outcome: 'deferred',
    code: `smtp_${reply}`,
    reason: reasonOf(error),
    retryAfterMs: deferralMs,
    limits,
  };
}

function refused(error: NodemailerError, code: string, bounce: BounceClass | undefined): Receipt {
  return { outcome: 'refused', code, reason: reasonOf(error), ...(bounce && { bounce }), limits };
}

function pause(error: NodemailerError): Receipt {
  return {
    outcome: 'wait',
    code: codeOf(error),
    reason: reasonOf(error),
    retryAfterMs: serverPauseMs,
    limits,
  };
}

/** RFC 4954: the server wants a login, or a better one. */
const loginReplies: ReadonlySet<number> = new Set([530, 534, 535, 538]);

/** Refused before anybody was asked: larger than the server's SIZE, or an address that no command may carry. */
function isLocal(error: NodemailerError): boolean {
  return (error.code === 'EMESSAGE' || error.code === 'EENVELOPE') && error.responseCode === undefined;
}

/** What no waiting mends: a wrong login, no TLS where it is demanded, a certificate that nobody vouches for. */
function isForOperator(error: NodemailerError): boolean {
  const reply = error.responseCode ?? 0;
  if (error.code === 'EAUTH' || error.code === 'ENOAUTH') return reply === 0 || reply >= 500;
  if (error.code === 'ETLS' && reply > 0) return true;
  if (error.code === 'ECONFIG') return true;
  // A server that greets with 5yz wants nothing from us.
  if (error.code === 'EPROTOCOL' && reply >= 500) return true;
  return certificateFaults.has(error.originalCode ?? '') || certificateFaults.has(error.code ?? '');
}

const certificateFaults: ReadonlySet<string> = new Set([
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

function codeOf(error: NodemailerError): string {
  const code = error.responseCode ? `smtp_${error.responseCode}` : (error.originalCode ?? error.code);
  return (code ?? 'smtp_trouble').toLowerCase();
}

/** The server's reply where there is one: it names the address, and the address is in the batch's row anyway. */
function reasonOf(error: NodemailerError): string {
  return tidy(error.response ?? error.message);
}

/** Text of a server goes to rows and pages: one line, bounded, without control characters. */
function tidy(text: string): string {
  return text
    .replaceAll(/\p{C}+/gu, ' ')
    .trim()
    .slice(0, reasonCharsMax);
}
