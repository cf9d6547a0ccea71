/**
 * Whether a version takes its paper back. arXiv has no mark for it: authors say so in the comment, or in place of the
 * abstract. The word alone is not enough, because electrons, patients and submissions to conferences are withdrawn too.
 */
export function saysWithdrawn({
  comment = '',
  abstract = '',
}: {
  comment?: string;
  abstract?: string;
}): boolean {
  const said = comment.slice(0, charactersMax);
  const told = abstract.slice(0, charactersMax);
  return (
    takesBack(said) || /^\W*(?:now )?withdrawn\b(?! from (?!(?:the )?arxiv))/i.test(said) || takesBack(told)
  );
}

const charactersMax = 3000;

function takesBack(text: string): boolean {
  if (!/withdr[ae]w|withdrawal/i.test(text)) return false;
  return phrases.some((phrase) => phrase.test(text));
}

const thing =
  '(?:paper|article|manuscript|submission|preprint|e-?print|work|note|letter|report|draft|version|document)';
const phrases = [
  // "This paper has been withdrawn", "The submission is being withdrawn by arXiv administrators".
  new RegExp(
    `(?:^|\\b(?:this|the|our)\\s+)(?:\\w+\\s+)?${thing}\\s+(?:(?:has|have|had)\\s+been|was|is|were|are)\\s+(?:being\\s+|now\\s+|temporarily\\s+|hereby\\s+)*withdrawn\\b(?!\\s+from\\s+(?!(?:the\\s+)?arxiv))`,
    'i',
  ),
  // "Withdrawn by the author due to an error in lemma 3".
  /\bwithdrawn\s+(?:by|at the request of)\s+(?:the\s+|an?\s+|all\s+|its\s+)?(?:corresponding\s+|first\s+|co-?)?(?:authors?|arxiv|submitter|administrat)/i,
  // "The authors withdraw this paper", "We have withdrawn this manuscript".
  new RegExp(
    `\\b(?:we|i|authors?)\\s+(?:have\\s+|has\\s+|hereby\\s+|wish(?:es)?\\s+to\\s+|would\\s+like\\s+to\\s+|want\\s+to\\s+|decided\\s+to\\s+)*withdr[ae]wn?\\s+(?:this|the|our)\\s+${thing}\\b(?!\\s+from\\s+(?!(?:the\\s+)?arxiv))`,
    'i',
  ),
];
