import { readFileSync } from 'node:fs';

/** The least that each measure may come to: docs/relevance.json. */
export interface Floors {
  full: Record<string, number>;
  quick: Record<string, number>;
}

export function readFloors(): Floors {
  return JSON.parse(readFileSync(new URL('../../docs/relevance.json', import.meta.url), 'utf8')) as Floors;
}

/** A sentence for each measure below its floor, and for each floor that nothing was measured for. */
export function below(figures: Record<string, number>, floors: Record<string, number>): string[] {
  return Object.entries(floors).flatMap(([name, floor]) => {
    const value = figures[name];
    if (value === undefined || Number.isNaN(value))
      return [`"${name}" was not measured; its floor is ${floor}.`];
    return value >= floor ? [] : [`"${name}" is ${value.toFixed(3)}, below its floor of ${floor}.`];
  });
}
