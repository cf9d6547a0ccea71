/** A source as readers know it. */
export function sourceName(source: string): string {
  if (source === 'huggingface') return 'Hugging Face';
  if (source.startsWith('arxiv')) return 'arXiv';
  if (source === 'sample') return 'the sample edition';
  return source === 'file' ? 'a file' : source;
}
