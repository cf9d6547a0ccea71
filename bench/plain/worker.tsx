/**
 * *Plain*: what a developer would write from the documentation of BullMQ, Kysely, React Email and Resend. One job, one
 * query, one render() and toPlainText(), one emails.send() a subscriber.
 */
import { render, toPlainText } from 'react-email';
import { readPlainDigest, recordPlainDigests } from './digest-query.ts';
import { headersOf, PlainMail, subjectOf } from './mail.tsx';
import { openPlain } from './plain.ts';

openPlain(async ({ db, resend }, { date, subscriberIds }) => {
  for (const subscriberId of subscriberIds) {
    const digest = await readPlainDigest(db, subscriberId, date);
    if (!digest || digest.papers.length === 0) continue;
    const html = await render(<PlainMail digest={digest} date={date} />);
    const { data, error } = await resend.emails.send(
      {
        from: 'Broadsheet <digest@broadsheet.example>',
        to: digest.address,
        subject: subjectOf(digest),
        html,
        text: toPlainText(html),
        headers: headersOf(digest),
      },
      { idempotencyKey: `plain/${date}/${subscriberId}` },
    );
    if (error) throw new Error(error.message);
    await recordPlainDigests(db, date, [{ digest, emailId: data.id }]);
  }
});
