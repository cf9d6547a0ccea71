import { execFile, execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';

/** What the metrics told, and for how long nothing else. */
export interface Observation {
  name: string;
  /** The text of /metrics; undefined where it could not be had. */
  metrics: string | undefined;
  /** The alerts that must fire, and no others. */
  fires: string[];
}

export const hasPromtool = (() => {
  try {
    execFileSync('promtool', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    console.warn('The alert rules are NOT TRIED: install promtool, of Debian’s package prometheus.');
    return false;
  }
})();

const observedMinutes = 180;
const askedAt = '170m';

/** Has Prometheus itself evaluate the alert rules over three hours of each observation; gives what it says, '' if all is well. */
export async function tryAlerts(observations: readonly Observation[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'alerts-'));
  const rules = fileURLToPath(new URL('../../ops/prometheus/alerts.yml', import.meta.url));
  const file = join(folder, 'alerts.test.yml');
  const tests = observations.map(({ name, metrics, fires }) => ({
    name,
    interval: '1m',
    input_series: [
      { series: 'up{job="broadsheet"}', values: `${metrics === undefined ? 0 : 1}x${observedMinutes}` },
      ...seriesOf(metrics ?? ''),
    ],
    promql_expr_test: [
      {
        expr: 'count by (alertname) (ALERTS{alertstate="firing"} > 0) > bool 0',
        eval_time: askedAt,
        exp_samples: fires.map((alert) => ({ labels: `{alertname="${alert}"}`, value: 1 })),
      },
    ],
  }));
  try {
    await writeFile(file, stringify({ rule_files: [rules], evaluation_interval: '1m', tests }));
    await promisify(execFile)('promtool', ['test', 'rules', file], { timeout: 30_000 });
    return '';
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    return stdout + stderr;
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Our own series; each stays as it was seen. */
function seriesOf(metrics: string): { series: string; values: string }[] {
  return metrics
    .split('\n')
    .filter((line) => line.startsWith('broadsheet_'))
    .map((line) => {
      const at = line.lastIndexOf(' ');
      return {
        series: line.slice(0, at),
        values: `${Number(line.slice(at + 1)).toFixed(6)}x${observedMinutes}`,
      };
    });
}
