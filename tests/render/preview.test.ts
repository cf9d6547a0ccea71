import { type DefaultTreeAdapterMap, parse } from 'parse5';
import { expect, test } from 'vitest';
import { dark, light } from '../../emails/theme.ts';
import { previewMails } from '../../src/render/preview.ts';

type Element = DefaultTreeAdapterMap['element'];

const mails = (await previewMails()).map((mail) => ({ ...mail, elements: elementsOf(mail.html) }));

test('every mail can be previewed', () => {
  expect(mails.map(({ name }) => name)).toEqual([
    'digest',
    'digest-without-picture',
    'digest-of-one',
    'confirm',
    'welcome',
    'link',
    'report',
  ]);
});

test.each(mails)(
  '$name reads well to a machine: language, headings in order, tables that say they are layout',
  (mail) => {
    const named = (name: string) => mail.elements.filter(({ tagName }) => tagName === name);
    expect(attribute(named('html')[0]!, 'lang')).toBe('en');
    const headings = mail.elements.map(({ tagName }) => tagName).filter((name) => /^h\d$/.test(name));
    expect(headings[0]).toBe('h1');
    expect(headings.slice(1).every((name) => name === 'h2')).toBe(true);
    for (const table of named('table')) expect(attribute(table, 'role')).toBe('presentation');
    for (const picture of named('img')) expect(attribute(picture, 'alt')).toBeTruthy();
    expect(named('script')).toEqual([]);
    expect(named('title')).toHaveLength(1);
  },
);

test.each(mails)('$name has no text under 13 px, but for the hidden preheader', (mail) => {
  const shown = mail.html.replace(/<div style="display:none[^>]*>/g, '');
  const sizes = [...shown.matchAll(/font(?:-size)?:(?:700 )?([\d.]+)px/g)].map(([, size]) => Number(size));
  // MJML sets 0 on wrappers, to close the gaps between its columns.
  expect(Math.min(...sizes.filter((size) => size !== 0))).toBeGreaterThanOrEqual(13);
});

test.each(mails)('$name is designed for light and dark, and says so', ({ html }) => {
  expect(html).toContain('<meta name="color-scheme" content="light dark"');
  expect(html).toContain('<meta name="supported-color-schemes" content="light dark"');
  expect(html).toContain('prefers-color-scheme');
  for (const scheme of [light, dark]) {
    for (const colour of [scheme.paper, scheme.ink, scheme.soft, scheme.rule]) expect(html).toContain(colour);
  }
});

test('text stands out from the paper by at least 4.5 : 1, in light and in dark', () => {
  for (const scheme of [light, dark]) {
    for (const text of [scheme.ink, scheme.soft, scheme.why, scheme.link]) {
      expect(contrast(text, scheme.paper)).toBeGreaterThanOrEqual(4.5);
    }
  }
});

test('the digest’s text part keeps to its columns, addresses aside', () => {
  const lines = mails[0]!.text.split('\n').filter((line) => !line.includes('http'));
  expect(Math.max(...lines.map((line) => Array.from(line).length))).toBeLessThanOrEqual(78);
  expect(mails[0]!.text).toMatchInlineSnapshot(`
    "BROADSHEET
    Friday, 12 December · 5 papers for you, chosen from 87
    ========================================

    Video generation · in the title
    STARFlow-V: End-to-End Video Generative Modeling with Normalizing Flow
    Apple · 25 November · ▲ 41 · 2 comments

    Video from a normalizing flow instead of a diffusion model, trained end to
    end and made frame after frame. One global part looks back in time only,
    local parts keep to their frame, and sampling runs in parallel without
    breaking that order.

    Read: https://huggingface.co/papers/2511.20462
    PDF: https://arxiv.org/pdf/2511.20462
    Code: https://github.com/apple/ml-starflow
    More like this, or less: http://localhost:3000/taste/sample?paper=arxiv:2511.20462

    ----------------------------------------

    Flow matching · in the title
    Flow Map Distillation Without Data
    4 authors · 24 November · ▲ 19 · 2 comments

    Turns a slow flow model into a one-step one by drawing from the prior
    alone, so no borrowed data set can lead the student astray. FID 1.45 on
    ImageNet 256 in a single step.

    Read: https://huggingface.co/papers/2511.19428
    PDF: https://arxiv.org/pdf/2511.19428
    More like this, or less: http://localhost:3000/taste/sample?paper=arxiv:2511.19428

    ----------------------------------------

    Robotics · Flow matching
    DM1: MeanFlow with Dispersive Regularization for 1-Step Robotic
    Manipulation
    6 authors · 9 October · ▲ 8

    One network step in place of many, kept from collapsing by pushing its
    inner representations apart. Twenty to forty times faster than earlier
    policies, and right more often.

    Read: https://huggingface.co/papers/2510.07865
    PDF: https://arxiv.org/pdf/2510.07865
    More like this, or less: http://localhost:3000/taste/sample?paper=arxiv:2510.07865

    ----------------------------------------

    Because you liked “Flow Matching in Latent Space”
    Weighted Conditional Flow Matching
    6 authors · 29 July · ▲ 5

    A Gibbs kernel weights each training pair, which gives the straight paths
    of optimal transport without solving for them in every batch.

    Read: https://huggingface.co/papers/2507.22270
    PDF: https://arxiv.org/pdf/2507.22270
    More like this, or less: http://localhost:3000/taste/sample?paper=arxiv:2507.22270

    ----------------------------------------

    Surveys
    The Principles of Diffusion Models
    5 authors · 23 October · ▲ 112 · 3 comments

    Diffusion seen three ways (variational, score, flow), each traced to one
    moving velocity field, from first steps to flow maps between any two
    times.

    Read: https://huggingface.co/papers/2510.21890
    PDF: https://arxiv.org/pdf/2510.21890
    Project: https://the-principles-of-diffusion-models.github.io/
    More like this, or less: http://localhost:3000/taste/sample?paper=arxiv:2510.21890

    ----------------------------------------

    You get this at 07:00 in Paris,
    because you follow
      Video generation
      Flow matching
      Robotics
      Surveys
    We count nothing you read.

    Change topics and time: http://localhost:3000/preferences/sample
    View in browser: http://localhost:3000/digest/sample
    Unsubscribe: http://localhost:3000/unsubscribe/sample

    Broadsheet, 1 Main Street, Springfield
    "
  `);
});

function elementsOf(html: string): Element[] {
  const found: Element[] = [];
  const visit = (nodes: readonly DefaultTreeAdapterMap['childNode'][]) => {
    for (const node of nodes) {
      if (!('tagName' in node)) continue;
      found.push(node);
      visit(node.childNodes);
    }
  };
  visit(parse(html).childNodes);
  return found;
}

function attribute(element: Element, name: string): string | undefined {
  return element.attrs.find((one) => one.name === name)?.value;
}

/** WCAG 2: relative luminance of both colours, lighter over darker. */
function contrast(one: string, other: string): number {
  const [light, dark] = [luminance(one), luminance(other)].toSorted((a, b) => b - a) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

function luminance(colour: string): number {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const channel = parseInt(colour.slice(at, at + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
