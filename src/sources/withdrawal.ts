/**
 * Whether a version takes its paper back. arXiv has no mark for it: authors say so in the comment, or in place of the
 * abstract. In a comment the word is enough, unless it is a conference from which they withdrew, or another version. An
 * abstract must say it of the paper itself: electrons and patients are withdrawn too. (Of 12,665 papers of Hugging Face
 * and of arXiv's cs, none of which was withdrawn, none is taken for it.)
 */
export function saysWithdrawn({
  comment = '',
  abstract = '',
}: {
  comment?: string;
  abstract?: string;
}): boolean {
  const said = comment.slice(0, charactersMax);
  return withdrawnInComment.test(said) || takesBack(said) || takesBack(abstract.slice(0, charactersMax));
}

const charactersMax = 3000;
const elsewhere = String.raw`\s+from\s+(?!(?:the\s+)?arxiv)`;
const thing =
  '(?:paper|article|manuscript|submission|preprint|e-?print|work|note|letter|report|draft|version|document)';

const withdrawnInComment = new RegExp(
  String.raw`(?<!\bthe\s)(?<!\bv\d{1,2}\s(?:is|was|has\sbeen)\s)\bwithdrawn\b(?!${elsewhere}|\s+${thing}\b)`,
  'i',
);

const phrases = [
  // "This paper has been withdrawn", "The submission is being withdrawn by arXiv administrators".
  new RegExp(
    String.raw`(?:^|\b(?:this|the|our)\s+)(?:\w+\s+)?${thing}\s+(?:(?:has|have|had)\s+been|was|is|were|are)\s+(?:(?:being|now|temporarily|hereby)\s+)*withdrawn\b(?!${elsewhere})`,
    'i',
  ),
  // "This version of the paper is withdrawn".
  new RegExp(
    String.raw`\b(?:this|the|our)\s+version\s+of\s+(?:this|the|our)\s+${thing}\s+(?:is|has\s+been)\s+withdrawn\b`,
    'i',
  ),
  // "Withdrawn by the author due to an error in lemma 3".
  /\bwithdrawn\s+(?:by|at\s+the\s+request\s+of)\s+(?:the\s+|an?\s+|all\s+|its\s+)?(?:corresponding\s+|first\s+|co-?)?(?:authors?|arxiv|submitter|administrat)/i,
  // "The authors withdraw this paper", "We have withdrawn this manuscript", "I am withdrawing the paper".
  new RegExp(
    String.raw`\b(?:we|i|authors?)\s+(?:(?:have|has|am|are|is|hereby|wish(?:es)?|would|like|want|decided|to)\s+)*withdr[ae]w(?:n|ing)?\s+(?:this|the|our|my|their)\s+${thing}\b(?!${elsewhere})`,
    'i',
  ),
];

function takesBack(text: string): boolean {
  return /withdr[ae]w/i.test(text) && phrases.some((phrase) => phrase.test(text));
}
