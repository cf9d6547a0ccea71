import type { Context } from '../context.ts';
import { arxivPrefix, arxivSource } from '../sources/arxiv-api.ts';
import { arxivHeldMs, arxivPauseMs } from '../sources/arxiv-request.ts';
import { huggingfaceSource } from '../sources/huggingface-api.ts';
import { sampleSource } from '../sources/sample.ts';
import { type Source, SourceError, type SourceGate } from '../sources/source.ts';
import { sourceGate } from './source-gate.ts';

/** The source of a name as PAPER_SOURCES has it; throws SourceError when there is none. */
export function openSource(ctx: Context, name: string): Source {
  const now = (): Date => ctx.now();
  if (name === 'huggingface') return huggingfaceSource({ baseUrl: ctx.config.huggingfaceBaseUrl, now });
  if (name === 'sample') return sampleSource();
  if (name.startsWith(arxivPrefix) && /^[A-Za-z.+-]+$/.test(name.slice(arxivPrefix.length))) {
    return arxivSource({
      baseUrl: ctx.config.arxivBaseUrl,
      categories: name.slice(arxivPrefix.length),
      now,
      gate: arxivGate(ctx),
    });
  }
  throw new SourceError(
    'refused',
    `There is no source "${name}"; known are huggingface, arxiv:CATEGORY+CATEGORY and sample.`,
  );
}

/** The one line in which all processes wait to ask arXiv, whichever of its interfaces. */
export function arxivGate(ctx: Context): SourceGate {
  return sourceGate(ctx.db, 'arxiv', { pauseMs: arxivPauseMs, heldMs: arxivHeldMs });
}
