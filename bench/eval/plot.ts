/** A plot of lines as SVG, written by hand: no library, the same bytes for the same numbers. */
export interface Line {
  name: string;
  points: readonly { x: number; y: number }[];
}

const [width, height] = [640, 320];
const edges = { left: 48, right: 200, top: 32, bottom: 40 };
const colours = ['#b3261e', '#1f4e79', '#5a7d2a', '#8a6d3b', '#6b4c9a', '#444444'];

export function plotLines(
  title: string,
  axes: { x: string; y: string; from: number; to: number; ticks: readonly number[] },
  lines: readonly Line[],
): string {
  const most = Math.max(...axes.ticks);
  const least = Math.min(...axes.ticks);
  const at = (x: number, y: number): [number, number] => [
    edges.left + ((x - least) / (most - least || 1)) * (width - edges.left - edges.right),
    height - edges.bottom - ((y - axes.from) / (axes.to - axes.from)) * (height - edges.top - edges.bottom),
  ];
  const grid = Array.from({ length: 5 }, (_, n) => axes.from + (n * (axes.to - axes.from)) / 4).map((y) => {
    const [x1, y1] = at(least, y);
    const [x2] = at(most, y);
    return `<line x1="${x1}" x2="${x2}" y1="${r(y1)}" y2="${r(y1)}" stroke="#ddd"/><text x="${x1 - 6}" y="${r(y1 + 4)}" text-anchor="end">${y.toFixed(2)}</text>`;
  });
  const ticks = axes.ticks.map((x) => {
    const [left] = at(x, axes.from);
    return `<text x="${r(left)}" y="${height - edges.bottom + 18}" text-anchor="middle">${x}</text>`;
  });
  const drawn = lines.map(({ name, points }, n) => {
    const colour = colours[n % colours.length]!;
    const path = points.map(({ x, y }) => at(x, y).map(r).join(','));
    const dots = path.map((point) => {
      const [x, y] = point.split(',');
      return `<circle cx="${x}" cy="${y}" r="3" fill="${colour}"/>`;
    });
    const legend = edges.top + 8 + n * 20;
    return `<polyline points="${path.join(' ')}" fill="none" stroke="${colour}" stroke-width="2"/>${dots.join('')}<rect x="${width - edges.right + 14}" y="${legend - 8}" width="10" height="10" fill="${colour}"/><text x="${width - edges.right + 30}" y="${legend + 1}">${escape(name)}</text>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="12" role="img" aria-label="${escape(title)}">`,
    `<rect width="100%" height="100%" fill="#fff"/>`,
    `<text x="${edges.left}" y="18" font-size="14" font-weight="600">${escape(title)}</text>`,
    ...grid,
    ...ticks,
    `<text x="${(width - edges.right + edges.left) / 2}" y="${height - 6}" text-anchor="middle">${escape(axes.x)}</text>`,
    `<text x="14" y="${height / 2}" transform="rotate(-90 14 ${height / 2})" text-anchor="middle">${escape(axes.y)}</text>`,
    ...drawn,
    '</svg>',
    '',
  ].join('\n');
}

const r = (value: number): number => Math.round(value * 10) / 10;
const escape = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
