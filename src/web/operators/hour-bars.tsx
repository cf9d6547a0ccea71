/** @jsxImportSource hono/jsx */
import { Below, plotArea, PlotFrame } from './plot-frame.tsx';
import { niceMax } from './plot-scale.ts';

const room = 8;
const gap = 1;

export interface HourBarsProps {
  title: string;
  /** Oldest first. */
  hours: readonly { at: Date; digests: number }[];
}

/** One bar an hour, noon and midnight named. Made on the server, as the lines are. */
export function HourBars({ title, hours }: HourBarsProps) {
  const top = niceMax(hours.map(({ digests }) => digests));
  const area = plotArea(top, room);
  const step = area.width / Math.max(1, hours.length);
  const x = (place: number) => area.left + place * step;
  const all = hours.reduce((sum, { digests }) => sum + digests, 0);
  return (
    <PlotFrame
      title={title}
      told={`${all.toLocaleString('en-US')} in ${hours.length} hours`}
      area={area}
      scale={[0, top]}
    >
      {hours.map(({ at, digests }, place) => (
        <>
          {digests > 0 && (
            <rect
              class="bar"
              x={x(place).toFixed(1)}
              width={(step - gap).toFixed(1)}
              y={area.y(digests).toFixed(1)}
              height={(area.bottom - area.y(digests)).toFixed(1)}
            />
          )}
          {at.getUTCHours() % 12 === 0 && <Below x={x(place)}>{at.toISOString().slice(11, 16)}</Below>}
        </>
      ))}
    </PlotFrame>
  );
}
