/** Reports as mail servers send them, for tests. */
export interface DsnWish {
  mailId?: string;
  to?: string;
  originalTo?: string;
  action?: string;
  status?: string;
  diagnostic?: string;
  /** Where the Message-ID comes back: the returned mail, its headers alone, our own header, or the envelope. */
  returned?: 'message/rfc822' | 'text/rfc822-headers' | 'own header' | 'envelope' | 'message/global-headers';
  disposition?: 'inline';
  at?: string;
}

const boundary = 'r3p0rt';

export function dsn(wish: DsnWish = {}): string {
  const { mailId = '<x@y.test>', to = 'reader1@uni.test', action = 'failed', status = '5.1.1' } = wish;
  const { returned = 'message/rfc822', diagnostic = 'smtp; 550 5.1.1 <reader1@uni.test>:\n  user unknown' } =
    wish;
  const { at = 'Fri, 20 Mar 2026 07:05:00 +0000' } = wish;
  const isGlobal = returned === 'message/global-headers';
  const type = ['own header', 'envelope'].includes(returned) ? 'text/rfc822-headers' : returned;
  const idLine =
    returned === 'own header'
      ? `Message-ID: <another@ses.test>\nX-Broadsheet-ID:\n ${mailId}`
      : `Message-ID: ${returned === 'envelope' ? '<none@none.test>' : mailId}`;
  return report('delivery-status', [
    'Content-Type: text/plain\n\nYour mail could not be delivered. Status: 2.0.0',
    `Content-Type: message/${isGlobal ? 'global-' : ''}delivery-status\n\n${[
      ...(returned === 'envelope' ? [`Original-Envelope-Id: ${mailId.slice(1, -1)}`] : []),
      'Reporting-MTA: dns; mx.uni.test',
      '',
      ...(wish.originalTo ? [`Original-Recipient: rfc822;${wish.originalTo}`] : []),
      `Final-Recipient: ${isGlobal ? 'utf-8' : 'rfc822'}; ${to}`,
      `Action: ${action}`,
      `Status: ${status}`,
      ...(diagnostic ? [`Diagnostic-Code: ${diagnostic}`] : []),
      `Last-Attempt-Date: ${at}`,
    ].join('\n')}`,
    `Content-Type: ${type}\n${wish.disposition ? `Content-Disposition: ${wish.disposition}\n` : ''}\nFrom: digest@broadsheet.example\n${idLine}\nSubject: Papers\n`,
  ]);
}

export function arf(mailId: string, kind = 'abuse'): string {
  return report('feedback-report', [
    'Content-Type: text/plain\n\nA user pressed a button.',
    `Content-Type: message/feedback-report\n\nFeedback-Type: ${kind}\nUser-Agent: Some/1.0\nVersion: 1\nArrival-Date: Fri, 20 Mar 2026 08:00:00 +0000`,
    `Content-Type: message/rfc822\n\nMessage-ID: ${mailId}\nSubject: Papers\nTo: redacted@example.test\n\nText`,
  ]);
}

function report(type: string, parts: readonly string[]): string {
  const head = [
    'From: MAILER-DAEMON@mx.uni.test',
    'To: digest@broadsheet.example',
    'Subject: Report',
    'MIME-Version: 1.0',
    `Content-Type: multipart/report; report-type=${type}; boundary="${boundary}"`,
  ].join('\n');
  return `${head}\n\n${parts.map((part) => `--${boundary}\n${part}\n`).join('')}--${boundary}--\n`;
}
