/** @jsxImportSource hono/jsx */
import type { Child } from 'hono/jsx';

export interface Column {
  name: string;
  /** Words stand to the left, numbers to the right. */
  text?: boolean;
}

export interface ScrollTableProps {
  caption: string;
  columns: readonly Column[];
  children?: Child;
}

/** A table that scrolls sideways on a phone, with its name above it. */
export function ScrollTable({ caption, columns, children }: ScrollTableProps) {
  return (
    <div class="scroll" tabindex={0} role="region" aria-label={caption}>
      <table>
        <caption>{caption}</caption>
        <thead>
          <tr>
            {columns.map(({ name, text }) => (
              <th scope="col" class={text ? 'text' : undefined}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}
