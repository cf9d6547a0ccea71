import { simpleParser } from 'mailparser';
import { readReport, type Report } from '../domain/server-report.ts';

/** Parts for machines are kept as they are, and nothing is made of the prose. */
const options = {
  keepDeliveryStatus: true,
  skipHtmlToText: true,
  skipTextToHtml: true,
  skipImageLinks: true,
  checksumAlgo: false,
} as const;

/** The report in a mail, or why there is none that counts. Any bytes at all are a mail to this. */
export async function readReportMail(bytes: Buffer): Promise<Report | string> {
  try {
    const { attachments } = await simpleParser(asAttachments(bytes), options);
    const parts = attachments.map(({ contentType, content }) => ({
      type: contentType.toLowerCase(),
      text: content.toString('utf8'),
    }));
    return readReport(parts);
  } catch {
    return 'no mail that can be read';
  }
}

/** A returned mail that is shown inline would be opened by the parser, and its headers lost. */
function asAttachments(bytes: Buffer): Buffer {
  const text = bytes.toString('latin1');
  return Buffer.from(
    text.replaceAll(/^content-disposition:[ \t]*inline/gim, 'Content-Disposition: attachment'),
    'latin1',
  );
}
