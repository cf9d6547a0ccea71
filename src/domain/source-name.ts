/** A source whose list of a day is not there as it should be; an open one is another matter. */
export interface LackingList {
  source: string;
  state: 'stale' | 'holiday' | 'failed';
}

/** A source as readers know it. */
export function sourceName(source: string): string {
  if (source === 'huggingface') return 'Hugging Face';
  if (source.startsWith('arxiv')) return 'arXiv';
  if (source === 'sample') return 'the sample edition';
  return source === 'file' ? 'a file' : source;
}
