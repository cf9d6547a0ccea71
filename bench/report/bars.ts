import type { Spread } from '../statistics.ts';

/** One bar: its median, with a line from the smallest to the largest repeat. */
export interface Bar {
  name: string;
  spread: Spread;
}

const width = 720;
const barHeight = 22;
const edges = { left: 260, right: 90, top: 40, bottom: 12 };
const colour = '#1f4e79';

/**
 * Bars on a logarithmic scale as SVG, written by hand: the same bytes for the same numbers. Sides differ a hundredfold, and
 * a linear scale would show one of them.
 */
export function plotBars(title: string, unit: string, bars: readonly Bar[]): string {
  const least = Math.log10(Math.min(...bars.map(({ spread }) => spread.min))) - 0.3;
  const most = Math.log10(Math.max(...bars.map(({ spread }) => spread.max))) + 0.05;
  const at = (value: number) =>
    r(edges.left + ((Math.log10(value) - least) / (most - least)) * (width - edges.left - edges.right));
  const height = edges.top + bars.length * barHeight + edges.bottom;
  const drawn = bars.map(({ name, spread: { min, median, max } }, n) => {
    const y = edges.top + n * barHeight;
    const middle = y + barHeight / 2 - 2;
    return [
      `<text x="${edges.left - 8}" y="${middle + 4}" text-anchor="end">${escape(name)}</text>`,
      `<rect x="${edges.left}" y="${y}" width="${r(at(median) - edges.left)}" height="${barHeight - 5}" fill="${colour}" opacity="0.75"/>`,
      `<line x1="${at(min)}" x2="${at(max)}" y1="${middle}" y2="${middle}" stroke="#111" stroke-width="2"/>`,
      `<text x="${at(max) + 8}" y="${middle + 4}">${escape(short(median))}</text>`,
    ].join('');
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="12" role="img" aria-label="${escape(title)}">`,
    '<rect width="100%" height="100%" fill="#fff"/>',
    `<text x="12" y="20" font-size="14" font-weight="600">${escape(title)}</text>`,
    `<text x="${width - 12}" y="20" text-anchor="end" fill="#555">${escape(unit)}, logarithmic</text>`,
    ...drawn,
    '</svg>',
    '',
  ].join('\n');
}

function short(value: number): string {
  return value < 10 ? value.toFixed(1) : Math.round(value).toLocaleString('en-US');
}

const r = (value: number): number => Math.round(value * 10) / 10;
const escape = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
