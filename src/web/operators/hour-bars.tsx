/** @jsxImportSource hono/jsx */
import { niceMax, shortNumber } from './plot-scale.ts';

const size = { width: 360, height: 176 };
const edge = { left: 34, right: 8, top: 10, bottom: 22 };
const inner = {
  width: size.width - edge.left - edge.right,
  height: size.height - edge.top - edge.bottom,
};
const gap = 1;

export interface HourBarsProps {
  title: string;
  /** Oldest first. */
  hours: readonly { at: Date; digests: number }[];
}

/** One bar an hour, the hours of midnight named. Made on the server, as the lines are. */
export function HourBars({ title, hours }: HourBarsProps) {
  const top = niceMax(hours.map(({ digests }) => digests));
  const step = inner.width / Math.max(1, hours.length);
  const y = (value: number) => edge.top + inner.height * (1 - value / top);
  const all = hours.reduce((sum, { digests }) => sum + digests, 0);
  return (
    <figure class="plot">
      <figcaption>{title}</figcaption>
      <svg
        viewBox={`0 0 ${size.width} ${size.height}`}
        role="img"
        aria-label={`${title}: ${all.toLocaleString('en-US')} in ${hours.length} hours`}
      >
        {[0, top].map((value) => (
          <g>
            <line class="rule" x1={edge.left} x2={edge.left + inner.width} y1={y(value)} y2={y(value)} />
            <text class="scale" x={edge.left - 6} y={y(value) + 4} text-anchor="end">
              {shortNumber(value)}
            </text>
          </g>
        ))}
        {hours.map(({ at, digests }, place) => (
          <>
            {digests > 0 && (
              <rect
                class="bar"
                x={(edge.left + place * step).toFixed(1)}
                width={(step - gap).toFixed(1)}
                y={y(digests).toFixed(1)}
                height={(edge.top + inner.height - y(digests)).toFixed(1)}
              />
            )}
            {at.getUTCHours() % 12 === 0 && (
              <text class="scale" x={(edge.left + place * step).toFixed(1)} y={size.height - 4}>
                {at.toISOString().slice(11, 16)}
              </text>
            )}
          </>
        ))}
      </svg>
    </figure>
  );
}
