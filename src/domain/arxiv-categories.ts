import { categoriesMax } from './paper.ts';

/**
 * arXiv's categories, by archive (https://arxiv.org/category_taxonomy). Authors also write ACM and MSC codes
 * (`I.2.7`, `68T50`) where categories stand; those are left out.
 */
const subjects: Record<string, string> = {
  'astro-ph': 'CO EP GA HE IM SR',
  'cond-mat': 'dis-nn mes-hall mtrl-sci other quant-gas soft stat-mech str-el supr-con',
  cs: 'AI AR CC CE CG CL CR CV CY DB DC DL DM DS ET FL GL GR GT HC IR IT LG LO MA MM MS NE NI OH OS PF PL RO SC SD SE SI',
  econ: 'EM GN TH',
  eess: 'AS IV SP SY',
  math: 'AC AG AP AT CA CO CT CV DG DS FA GM GN GR GT HO KT LO MG NA NT OA OC PR QA RA RT SG SP ST',
  nlin: 'AO CD CG PS SI',
  physics:
    'acc-ph ao-ph app-ph atm-clus atom-ph bio-ph chem-ph class-ph comp-ph data-an ed-ph flu-dyn gen-ph geo-ph hist-ph ins-det med-ph optics plasm-ph pop-ph soc-ph space-ph',
  'q-bio': 'BM CB GN MN NC OT PE QM SC TO',
  'q-fin': 'CP GN MF PM PR RM ST TR',
  stat: 'AP CO ME ML OT',
};
/** Archives that are categories themselves. The last three were, before they were divided: old papers carry them. */
const undivided =
  'gr-qc hep-ex hep-lat hep-ph hep-th math-ph nucl-ex nucl-th quant-ph astro-ph cond-mat q-bio';

/** Six categories have a second name, and archives that were closed live on as categories. */
const aliases: Record<string, string> = {
  'math.MP': 'math-ph',
  'stat.TH': 'math.ST',
  'math.IT': 'cs.IT',
  'q-fin.EC': 'econ.GN',
  'cs.SY': 'eess.SY',
  'cs.NA': 'math.NA',
  'acc-phys': 'physics.acc-ph',
  'adap-org': 'nlin.AO',
  'alg-geom': 'math.AG',
  'ao-sci': 'physics.ao-ph',
  'atom-ph': 'physics.atom-ph',
  'bayes-an': 'physics.data-an',
  'chao-dyn': 'nlin.CD',
  'chem-ph': 'physics.chem-ph',
  'cmp-lg': 'cs.CL',
  'comp-gas': 'nlin.CG',
  'dg-ga': 'math.DG',
  'funct-an': 'math.FA',
  'mtrl-th': 'cond-mat.mtrl-sci',
  'patt-sol': 'nlin.PS',
  'plasm-ph': 'physics.plasm-ph',
  'q-alg': 'math.QA',
  'solv-int': 'nlin.SI',
  'supr-con': 'cond-mat.supr-con',
};

const known: ReadonlySet<string> = new Set([
  ...undivided.split(' '),
  ...Object.entries(subjects).flatMap(([archive, codes]) =>
    codes.split(' ').map((code) => `${archive}.${code}`),
  ),
]);

/** Archives hold categories, and can be asked for and followed as a whole. */
const archives: ReadonlySet<string> = new Set(Object.keys(subjects));

/** The category that a code stands for, under its one name; undefined for anything that is no category. */
export function arxivCategory(code: string): string | undefined {
  const name = Object.hasOwn(aliases, code) ? aliases[code]! : code;
  return known.has(name) ? name : undefined;
}

/** The categories among some codes, each once, in their order: the primary one first where the source says so. */
export function arxivCategories(codes: readonly string[]): string[] {
  const kept = new Set<string>();
  for (const code of codes) {
    const category = arxivCategory(code.trim());
    if (category !== undefined) kept.add(category);
  }
  return [...kept].slice(0, categoriesMax);
}

/** The category or the whole archive (`cs`, `math`) that a reader means, in whatever case they write it. */
export function findArxivSubject(text: string): string | undefined {
  const code = spellings.get(text.toLowerCase());
  return code === undefined || archives.has(code) ? code : arxivCategory(code);
}
const spellings = new Map(
  [...known, ...archives, ...Object.keys(aliases)].map((code) => [code.toLowerCase(), code]),
);

/** A category itself, or all categories of an archive. */
export function categoriesUnder(subject: string): readonly string[] {
  return [...known].filter((category) => category === subject || category.startsWith(`${subject}.`));
}

/** Whether arXiv can be asked for this as a whole: `cs.LG`, or `cs`. */
export function isArxivSubject(code: string): boolean {
  return archives.has(code) || arxivCategory(code) !== undefined;
}

/** The OAI set of a category or an archive: `cs:cs:LG`, `physics:hep-th`, `physics:cond-mat:soft`, `math`. */
export function setOfSubject(subject: string): string {
  const code = arxivCategory(subject) ?? subject;
  const archive = code.split('.')[0]!;
  const group = groups.has(archive) ? archive : 'physics';
  if (code === archive) return group === archive && archive !== 'physics' ? archive : `${group}:${archive}`;
  return `${group}:${code.replace('.', ':')}`;
}
/** Archives that are groups of their own; all others belong to physics. */
const groups: ReadonlySet<string> = new Set([
  'cs',
  'econ',
  'eess',
  'math',
  'physics',
  'q-bio',
  'q-fin',
  'stat',
]);

/** The category that an OAI set stands for: `cs:cs:LG`, `physics:hep-th`, `physics:physics:plasm-ph`. */
export function categoryOfSet(set: string): string | undefined {
  const [, archive, subject] = set.split(':');
  if (archive === undefined) return undefined;
  return arxivCategory(subject === undefined ? archive : `${archive}.${subject}`);
}
