import { joinEmbedded } from '../../src/db/embedded/join.ts';

/**
 * A process of its own that joins the embedded Postgres of a folder: says so in one line of JSON, leaves when its
 * standard input ends, and says that too. See tests/db/embedded/join.test.ts.
 */
const membership = await joinEmbedded(process.argv[2]!, { settings: ['fsync=off'] }).catch((error: Error) => {
  console.log(JSON.stringify({ error: error.message }));
  process.exit(1);
});
const { databaseUrl, startedHere } = membership;
console.log(JSON.stringify({ databaseUrl, startedHere }));
for await (const _ of process.stdin) {
  // Nothing is expected; the end is the message.
}
await membership.leave();
console.log(JSON.stringify({ left: true }));
