import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import type { PaperRecord } from '../../src/domain/paper.ts';
import type { OaiReading } from '../../src/sources/arxiv-oai.ts';
import type { ArxivReading } from '../../src/sources/arxiv-record.ts';
import { parseArxivXml } from '../../src/sources/arxiv-xml.ts';
import { SourceError } from '../../src/sources/source.ts';
import { cpuMs } from '../support/cpu-time.ts';

const otherwise = '2026-11-20';
const parse = (text: string, date?: string): ArxivReading => parseArxivXml(text, { otherwise, date });
const only = (text: string, date?: string): PaperRecord => {
  const { papers, rejected } = parse(text, date);
  expect(rejected).toEqual([]);
  expect(papers).toHaveLength(1);
  return papers[0]!;
};

const item = (over: Record<string, string> = {}): string => {
  const { id = '2609.00001v1', type = 'new', title = 'A title', creator = 'Ada Lovelace', more = '' } = over;
  const { abstract = 'About something.', categories = '<category>cs.LG</category>' } = over;
  return `<item><title>${title}</title><link>https://arxiv.org/abs/2609.00001</link>
    <description>arXiv:${id} Announce Type: ${type} \nAbstract: ${abstract}</description>
    <guid isPermaLink="false">oai:arXiv.org:${id}</guid>${categories}
    <arxiv:announce_type>${type}</arxiv:announce_type><dc:creator>${creator}</dc:creator>${more}</item>`;
};
const rss = (items: string, pubDate = 'Thu, 24 Sep 2026 00:00:00 -0400'): string =>
  `<?xml version='1.0' encoding='UTF-8'?><rss xmlns:arxiv="a" xmlns:dc="d" version="2.0"><channel>
    <title>cs.LG updates on arXiv.org</title><pubDate>${pubDate}</pubDate>${items}</channel></rss>`;

describe('the daily feed', () => {
  test('is the list of the day it was announced on in New York', () => {
    expect(parse(rss(item()))).toMatchObject({ format: 'feed', announcedOn: '2026-09-24' });
    expect(only(rss(item()))).toEqual({
      key: 'arxiv:2609.00001',
      version: 1,
      title: 'A title',
      abstract: 'About something.',
      authors: ['Ada Lovelace'],
      authorsCount: 1,
      categories: ['cs.LG'],
      url: 'https://arxiv.org/abs/2609.00001',
      pdfUrl: 'https://arxiv.org/pdf/2609.00001',
      listedOn: '2026-09-24',
      authority: 'feed',
    });
    // Late in the evening it is the next day in UTC; the date that counts is the one written.
    expect(parse(rss('', 'Thu, 24 Sep 2026 23:00:00 -0400')).announcedOn).toBe('2026-09-24');
  });

  test('lists what is new and what is listed elsewhere as well, however old; replacements only tell', () => {
    const types = {
      new: undefined,
      cross: undefined,
      replace: true,
      'replace-cross': true,
      'what-next': true,
    };
    for (const [type, isUnlisted] of Object.entries(types)) {
      const paper = only(rss(item({ type, id: '2205.06398v2' })));
      expect(paper.isUnlisted, type).toBe(isUnlisted);
      expect(paper).toMatchObject({ key: 'arxiv:2205.06398', version: 2, listedOn: '2026-09-24' });
    }
    // Without its own element the type stands before the abstract; without any it is a list like those of old.
    const bare = item({ type: 'replace' }).replace(/<arxiv:announce_type>.*?<\/arxiv:announce_type>/, '');
    expect(only(rss(bare))).toMatchObject({ isUnlisted: true, abstract: 'About something.' });
    expect(only(rss(bare.replace(/arXiv:.*?\n/, '')))).not.toHaveProperty('isUnlisted');
  });

  test('marks a version that takes its paper back', () => {
    const abstract = 'This paper has been withdrawn by the authors due to an error in the proof.';
    expect(only(rss(item({ type: 'replace', id: '2609.00001v3', abstract })))).toMatchObject({
      withdrawn: true,
      isUnlisted: true,
    });
  });

  test('takes a paper once that stands there twice: its newest version, listed if either was', () => {
    const twice =
      item({ id: '2609.00001v2', type: 'replace', title: 'Newer' }) + item({ title: 'Older', type: 'cross' });
    for (const items of [twice, item({ title: 'Older', type: 'cross' }) + twice]) {
      const paper = only(rss(items));
      expect(paper).toMatchObject({ version: 2, title: 'Newer' });
      expect(paper).not.toHaveProperty('isUnlisted');
    }
  });

  test('reads authors with accents and affiliations, categories with codes, CDATA and entities', () => {
    const paper = only(
      rss(
        item({
          creator: "Quanyi Ou (Minzu University of China, Beijing, China),  Deepti, M\\'elodie Roy",
          categories: '<category>cs.NA</category><category>68T50</category><category>math.NA</category>',
          title: '<![CDATA[Less is <more> & so on]]> &#8212; or R&amp;D',
          abstract: 'We get $O(n^2)$ &lt;answer&gt; \\textbf{fast}.',
        }),
      ),
    );
    expect(paper).toMatchObject({
      authors: ['Quanyi Ou', 'Deepti', 'Mélodie Roy'],
      categories: ['math.NA'],
      title: 'Less is <more> & so on — or R&D',
      abstract: 'We get O(n²) <answer> fast.',
    });
  });

  test('loses the tail that titles had until 2024', () => {
    const title = 'On things (really). (arXiv:2401.00001v1 [cs.LG] CROSS LISTED)';
    expect(only(rss(item({ title }))).title).toBe('On things (really).');
  });

  test('rejects single items by their place and keeps the others', () => {
    const items = [
      item(),
      item({ title: '' }),
      '<item/>',
      item({ id: 'nonsense' }),
      item({ id: '2609.00002v1' }),
    ];
    const { papers, rejected } = parse(rss(items.join('')));
    expect(papers.map(({ key }) => key)).toEqual(['arxiv:2609.00001', 'arxiv:2609.00002']);
    expect(rejected.map(({ index }) => index)).toEqual([1, 2, 3]);
    expect(rejected[2]!.reason).toBe('its identifier "oai:arXiv.org:nonsense" is none of arXiv\'s');
  });

  test('with nothing in it is the empty list of its day', () => {
    expect(parse(rss(''))).toMatchObject({ papers: [], announcedOn: '2026-09-24' });
  });

  test('says the same as Atom', () => {
    const atom = `<feed xmlns="http://www.w3.org/2005/Atom" xmlns:arxiv="a" xmlns:dc="d">
      <id>http://rss.arxiv.org/atom/cs.LG</id><updated>2026-09-24T04:00:19.866337+00:00</updated><entry>
      <id>oai:arXiv.org:2609.00001v1</id><title>A title</title><updated>2026-09-24T04:00:19+00:00</updated>
      <link href="https://arxiv.org/abs/2609.00001" rel="alternate"/>
      <summary>arXiv:2609.00001v1 Announce Type: new \nAbstract: About something.</summary><category term="cs.LG"/>
      <published>2026-09-24T00:00:00-04:00</published><arxiv:announce_type>new</arxiv:announce_type>
      <dc:creator>Ada Lovelace</dc:creator></entry></feed>`;
    expect(parse(atom)).toEqual(parse(rss(item())));
  });
});

const query = (entries: string): string =>
  `<feed xmlns="http://www.w3.org/2005/Atom"><id>https://arxiv.org/api/x</id><title>arXiv Query</title>
    <opensearch:totalResults xmlns:opensearch="o">2</opensearch:totalResults>${entries}</feed>`;
const entry = (over: { id?: string; comment?: string; published?: string } = {}): string => {
  const {
    id = 'http://arxiv.org/abs/2609.00001v3',
    comment = '12 pages',
    published = '2026-09-01T12:30:00Z',
  } = over;
  return `<entry><id>${id}</id><title>A
    title</title><updated>2026-09-23T01:00:00Z</updated><published>${published}</published><summary>  About
  something.
</summary><author><name>Ada Lovelace</name><arxiv:affiliation>London</arxiv:affiliation></author>
    <author><name>ATLAS Collaboration</name></author><author><name>:</name></author>
    <arxiv:primary_category term="stat.ML"/><category term="cs.LG"/><category term="stat.ML"/><category term="I.2.7"/>
    <arxiv:comment>${comment}</arxiv:comment><arxiv:doi>10.1/x</arxiv:doi><arxiv:journal_ref>J. 1</arxiv:journal_ref>
    </entry>`;
};

describe('the query API', () => {
  test('tells the version, the first submission, the names and the primary category first', () => {
    expect(only(query(entry()))).toEqual({
      key: 'arxiv:2609.00001',
      version: 3,
      title: 'A title',
      abstract: 'About something.',
      authors: ['Ada Lovelace', 'ATLAS Collaboration'],
      authorsCount: 2,
      categories: ['stat.ML', 'cs.LG'],
      publishedAt: new Date('2026-09-01T12:30:00Z'),
      url: 'https://arxiv.org/abs/2609.00001',
      pdfUrl: 'https://arxiv.org/pdf/2609.00001',
      listedOn: '2026-09-01',
      authority: 'record',
    });
    expect(only(query(entry()), '2026-09-24').listedOn).toBe('2026-09-24');
    expect(only(query(entry({ published: 'soon' }))).listedOn).toBe(otherwise);
  });

  test('marks a paper whose comment says so as withdrawn', () => {
    expect(only(query(entry({ comment: 'This paper has been withdrawn due to an error' }))).withdrawn).toBe(
      true,
    );
  });

  test('takes old identifiers', () => {
    expect(only(query(entry({ id: 'http://arxiv.org/abs/math.GT/0309136v1' }))).key).toBe(
      'arxiv:math/0309136',
    );
  });

  test('is refused with its own error', () => {
    const error =
      '<entry><id>https://arxiv.org/api/errors#x</id><title>Error</title><summary>incorrect id</summary></entry>';
    expect(() => parse(query(error))).toThrow('is arXiv\'s error "incorrect id"');
  });
});

const oai = (inner: string): string =>
  `<?xml version="1.0"?><OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><request verb="ListRecords">x</request>
    <ListRecords>${inner}</ListRecords></OAI-PMH>`;
const record = (metadata: string, sets = ['cs:cs:LG'], datestamp = '2026-09-20', id = '2609.00001'): string =>
  `<record><header><identifier>oai:arXiv.org:${id}</identifier><datestamp>${datestamp}</datestamp>
    ${sets.map((set) => `<setSpec>${set}</setSpec>`).join('')}</header><metadata>${metadata}</metadata></record>`;
const own = (more = '', id = '2609.00001'): string =>
  `<arXiv xmlns="http://arxiv.org/OAI/arXiv/"><id>${id}</id><created>2026-09-01</created><updated>2026-09-19</updated>
    <authors><author><keyname>Lovelace</keyname><forenames>Ada</forenames><suffix>Jr</suffix></author>
    <author><keyname>ATLAS</keyname></author></authors><title>A
  title</title><categories>cs.LG stat.TH 68T05</categories><abstract>Mendeleev&#39;s table.</abstract>${more}</arXiv>`;

describe('OAI-PMH', () => {
  test('as arXiv', () => {
    const paper = only(oai(record(own(), ['cs:cs:LG', 'stat', 'math:math:ST'])));
    expect(paper).toMatchObject({
      authors: ['Ada Lovelace Jr', 'ATLAS'],
      categories: ['cs.LG', 'math.ST'],
      abstract: "Mendeleev's table.",
      listedOn: '2026-09-01',
      authority: 'record',
    });
    expect(paper).not.toHaveProperty('version');
    expect(paper).not.toHaveProperty('publishedAt');
    expect(only(oai(record(own('<comments>Withdrawn</comments>')))).withdrawn).toBe(true);
  });

  test('as arXivRaw', () => {
    const raw = `<arXivRaw><id>hep-th/9901001</id><submitter>Ada</submitter>
      <version version="v1"><date>Fri, 1 Jan 1999 21:00:01 GMT</date></version>
      <version version="v10"><date>Tue, 2 Feb 1999 01:50:08 GMT</date></version>
      <version version="v2"><date>Tue, 12 Jan 1999 01:50:08 GMT</date></version>
      <title>T</title><authors>Ada Lovelace, Grace Hopper (Yale, US) and E. Noether</authors>
      <categories>hep-th math.MP</categories><abstract>A.</abstract></arXivRaw>`;
    expect(only(oai(record(raw, [], '2014-11-18', 'hep-th/9901001')))).toMatchObject({
      key: 'arxiv:hep-th/9901001',
      version: 10,
      authors: ['Ada Lovelace', 'Grace Hopper', 'E. Noether'],
      categories: ['hep-th', 'math-ph'],
      publishedAt: new Date('1999-01-01T21:00:01Z'),
      listedOn: '1999-01-01',
    });
  });

  test('as oai_dc, whose categories are its sets', () => {
    const dc = `<oai_dc:dc xmlns:oai_dc="o" xmlns:dc="d"><dc:title>T</dc:title><dc:creator>Lovelace, Ada</dc:creator>
      <dc:creator>ATLAS Collaboration</dc:creator><dc:subject>Computer Science - Machine Learning</dc:subject>
      <dc:description>About.</dc:description><dc:description>Comment: This paper is withdrawn</dc:description>
      <dc:date>2026-09-03</dc:date><dc:date>2026-09-02</dc:date><dc:identifier>http://arxiv.org/abs/2609.00001</dc:identifier>
      </oai_dc:dc>`;
    expect(only(oai(record(dc, ['cs:cs:LG', 'physics:quant-ph'])))).toMatchObject({
      authors: ['Ada Lovelace', 'ATLAS Collaboration'],
      categories: ['cs.LG', 'quant-ph'],
      abstract: 'About.',
      listedOn: '2026-09-02',
      withdrawn: true,
    });
  });

  test('never dates a paper after the month of its identifier', () => {
    const moved = own().replace('2026-09-01', '2026-12-16').replace('2609.00001', '2608.21012');
    expect(only(oai(record(moved, [], '2026-12-20', '2608.21012'))).listedOn).toBe('2026-08-31');
  });

  test('names deleted papers, and rejects what is none', () => {
    const deleted =
      '<record><header status="deleted"><identifier>oai:arXiv.org:2609.00007</identifier></header></record>';
    const nameless = '<record><header status="deleted"/></record>';
    const {
      papers,
      deleted: gone,
      rejected,
    } = parse(oai(record(own()) + deleted + nameless + record('<mods/>')));
    expect(papers).toHaveLength(1);
    expect(gone).toEqual(['arxiv:2609.00007']);
    expect(rejected.map(({ index }) => index)).toEqual([2, 3]);
  });

  test.each([
    [
      '<resumptionToken cursor="0" completeListSize="58011">726959|1001</resumptionToken>',
      { token: '726959|1001', listSize: 58011 },
    ],
    [
      '<resumptionToken expirationDate="2026-09-21T00:00:00Z">verb=ListRecords&amp;set=cs%3Acs%3ALG&amp;skip=1300</resumptionToken>',
      { token: 'verb=ListRecords&set=cs%3Acs%3ALG&skip=1300' },
    ],
    ['<resumptionToken cursor="1000" completeListSize="1001"/>', undefined],
    ['', undefined],
  ])('goes on where %s says so', (token, next) => {
    expect((parse(oai(record(own()) + token)) as OaiReading).next).toEqual(next);
  });

  test.each([
    [
      '<OAI-PMH><error code="badVerb">Bad verb.</error></OAI-PMH>',
      'is arXiv\'s refusal badVerb: "Bad verb."',
    ],
    ['<OAI-PMH><request verb="Identify">x</request><Identify/></OAI-PMH>', '(Identify)'],
    ['<OAI-PMH/>', 'without records'],
  ])('is refused where it holds no papers: %s', (text, reason) => {
    expect(() => parse(text)).toThrow(reason);
  });
});

/** The papers, and every reason given; whatever is thrown that is no refusal comes through. */
function attempt(text: string): { papers: PaperRecord[]; reasons: string[] } {
  try {
    const { papers, rejected } = parse(text);
    return { papers, reasons: rejected.map(({ reason }) => reason) };
  } catch (error) {
    if (error instanceof SourceError) return { papers: [], reasons: [error.message] };
    throw error;
  }
}

describe('hostile XML', () => {
  const bomb = `<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">${Array.from({ length: 20 }, (_, n) => `<!ENTITY b${n} "${`&b${n - 1};`.repeat(10)}">`).join('')}]>`;

  test.each<[string, string, RegExp]>([
    [
      'an entity bomb',
      `<?xml version="1.0"?>${bomb}<rss><channel><title>&b19;</title></channel></rss>`,
      /declares a DTD/,
    ],
    [
      'an external entity',
      `<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><rss><channel>&f;</channel></rss>`,
      /declares a DTD/,
    ],
    ['a DTD in the middle', rss(item()).replace('<item>', '<!DOCTYPE x><item>'), /declares a DTD/],
    ['deep nesting', '<a>'.repeat(1_000_000), /is not complete XML/],
    [
      'deep nesting that closes',
      '<rss>' + '<a>'.repeat(5000) + '</a>'.repeat(5000) + '</rss>',
      /is not complete XML/,
    ],
    ['angle brackets', '<'.repeat(2_000_000), /is not complete XML/],
    ['a reserved name', '<rss><__proto__><channel/></__proto__></rss>', /is not complete XML/],
    ['an HTML page', '<!DOCTYPE html><html><body>Rate exceeded.</body></html>', /is an HTML page/],
    ['a refusal in HTML', '<html><body>\n<h1>Retry after 10 seconds</h1>\n</body></html>', /is an HTML page/],
    ['another vocabulary', '<svg xmlns="http://www.w3.org/2000/svg"/>', /begins with <svg>/],
    ['an empty feed of others', '<feed/>', /none of arXiv's/],
    ['an RSS without channel', '<rss version="2.0"/>', /without a channel/],
    ['half a feed', rss(item()).slice(0, -40), /is not complete XML/],
    ['nothing', '', /is not complete XML/],
    ['text', 'Rate exceeded.', /is not complete XML/],
  ])('%s is refused, at once', (_, text, reason) => {
    const takesMs = cpuMs(() => {
      expect(() => parse(text)).toThrow(SourceError);
      expect(() => parse(text)).toThrow(reason);
    });
    expect(takesMs).toBeLessThan(20_000);
  });

  test('ten megabytes of text in an abstract, a name, a title are read and cut', { timeout: 120_000 }, () => {
    const long = 'x &amp; y, '.repeat(300_000);
    const feed = rss(
      item({ abstract: long }) +
        item({ id: '2609.00002v1', creator: long }) +
        item({ id: '2609.00003v1', title: long }),
    );
    let read: ReturnType<typeof parse> | undefined;
    // Two seconds; anything quadratic would take hours.
    expect(cpuMs(() => void (read = parse(feed)))).toBeLessThan(100_000);
    const { papers, rejected } = read!;
    expect(papers).toHaveLength(2);
    expect(papers[0]!.abstract!.length).toBeLessThanOrEqual(6000);
    expect(papers[1]!.authors!.length).toBeLessThanOrEqual(100);
    expect(rejected).toHaveLength(1);
  });

  test('control characters, bidi marks and private use do not come through', () => {
    const { title } = only(rss(item({ title: 'A\u0001 \u202Eb&#x1;\uE000&#57344;&#x202e;c' })));
    expect(title).not.toMatch(/[\p{Cc}\p{Cf}\p{Co}]/u);
  });

  test('attributes and elements in unwonted places change nothing but themselves', () => {
    const odd = rss(item({ title: '<b x="1">bold</b> tail <i/>' }));
    expect(only(odd).title).toBe('tail');
    expect(() => parse(odd.replace('<rss', '<rss constructor="1" toString="2"'))).not.toThrow();
  });

  test('whatever is cut out, doubled or replaced, the outcome is a reading or a refusal in words', () => {
    const whole = [
      rss(item() + item({ id: '2205.06398v2', type: 'cross' })),
      query(entry()),
      oai(record(own())),
    ];
    const piece = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 20 }),
      fc.constantFrom(
        '<',
        '>',
        '&',
        '&#0;',
        '&#x110000;',
        '<![CDATA[',
        ']]>',
        '<!--',
        '-->',
        '<?',
        '\0',
        '\uFFFE',
        '"',
        '</item>',
        '<item>',
      ),
    );
    fc.assert(
      fc.property(
        fc.constantFrom(...whole),
        fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat({ max: 200 }), piece), {
          minLength: 1,
          maxLength: 4,
        }),
        (text, edits) => {
          let edited = text;
          for (const [where, length, insert] of edits) {
            const at = Math.floor(where * edited.length);
            edited = edited.slice(0, at) + insert + edited.slice(at + length);
          }
          const outcome = attempt(edited);
          for (const paper of outcome.papers) {
            expect(paper.key).toMatch(/^arxiv:[a-z0-9./-]+$/);
            expect(paper.title).toMatch(/^[^\p{C}]{1,400}$/u);
            expect(paper.listedOn).toMatch(/^\d{4}-\d{2}-\d{2}$/);
            expect(Number.isNaN(paper.publishedAt?.getTime())).toBe(false);
          }
          for (const reason of outcome.reasons) expect(reason).toMatch(/^[^\p{Cc}]{5,400}$/u);
        },
      ),
      { numRuns: 500 },
    );
  });
});
