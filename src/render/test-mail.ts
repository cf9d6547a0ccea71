import { readMail } from './mail.ts';

/** The bytes of a digest turned into a test for another address: the subject says so, and no webhook finds the digest. */
export function testMail(bytes: Buffer, to: string): Buffer {
  const { tags: _digest, ...mail } = JSON.parse(bytes.toString('latin1')) as Record<string, unknown>;
  const subject = `[Test] ${readMail(bytes).subject}`;
  return Buffer.from(JSON.stringify({ ...mail, to: [to], subject, tags: [{ name: 'test', value: 'yes' }] }));
}
