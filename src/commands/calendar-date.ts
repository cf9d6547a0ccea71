import { UsageError } from './command.ts';

/** A real calendar date, `YYYY-MM-DD`. */
export function readDate(text: string): string {
  const at = new Date(`${text}T00:00:00Z`);
  if (
    !/^\d{4}-\d{2}-\d{2}$/.test(text) ||
    Number.isNaN(at.getTime()) ||
    at.toISOString().slice(0, 10) !== text
  ) {
    throw new UsageError(`"${text}" is no date; write it like 2026-11-23.`);
  }
  return text;
}
