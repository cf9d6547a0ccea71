import { existsSync, readFileSync } from 'node:fs';

// Reads vitest's JSON report. `count` prints "N passed, N failed"; `skipped` fails if a test was left out.
const [mode, path] = process.argv.slice(2);
const report = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : undefined;

if (mode === 'count') {
  // A file that cannot even be loaded counts as one failure; no report at all does too.
  const broken = report?.testResults.filter(
    ({ status, assertionResults: tests }) => status === 'failed' && !tests.length,
  );
  const failures = report ? report.numFailedTests + broken.length : 1;
  console.log(`${report?.numPassedTests ?? 0} passed, ${failures} failed`);
} else {
  const tests = report?.testResults.flatMap(({ assertionResults }) => assertionResults) ?? [];
  const skipped = tests.filter(({ status }) => status !== 'passed' && status !== 'failed');
  // Recorded papers lie beside the repository, where they are at all; see tests/support/recorded.ts.
  const isExcused = ({ fullName }) => /recorded/i.test(fullName) && !existsSync('../shared/data');
  const wrong = skipped.filter((test) => !isExcused(test));
  for (const { fullName } of skipped) console.log(`skipped: ${fullName}`);
  console.log(`${skipped.length} skipped, ${wrong.length} of them without an excuse`);
  process.exitCode = wrong.length > 0 || tests.length === 0 ? 1 : 0;
}
