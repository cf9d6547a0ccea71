/** The address of a paper's own page. An arXiv key stays readable; in others every sign is encoded. */
export function paperPath(key: string): string {
  const encoded = encodeURIComponent(key).replaceAll('%3A', ':');
  return `/paper/${key.startsWith('arxiv:') ? encoded.replaceAll('%2F', '/') : encoded}`;
}

/** A path with those of the parameters that say something. */
export function withQuery(
  path: string,
  parameters: Record<string, string | readonly string[] | undefined>,
): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    for (const one of typeof value === 'string' ? [value] : (value ?? []))
      if (one !== '') query.append(name, one);
  }
  const text = query.toString();
  return text === '' ? path : `${path}?${text}`;
}
