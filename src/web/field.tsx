/** @jsxImportSource hono/jsx */
import type { ChoiceField, Faults } from './choices.ts';

/** What is wrong with a field, beside it. */
export function Fault({ of, faults }: { of: ChoiceField; faults: Faults }) {
  const fault = faults[of];
  return fault === undefined ? null : (
    <p class="fault" id={`${of}-fault`}>
      {fault}
    </p>
  );
}

/** Ties a field to its fault and hint, for those who hear the page. */
export function described(field: ChoiceField, faults: Faults, hasHint = false): Record<string, string> {
  const isFaulty = faults[field] !== undefined;
  const ids = [isFaulty && `${field}-fault`, hasHint && `${field}-hint`].filter((id) => id !== false);
  return {
    ...(isFaulty && { 'aria-invalid': 'true' }),
    ...(ids.length > 0 && { 'aria-describedby': ids.join(' ') }),
  };
}
