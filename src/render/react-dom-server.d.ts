/** The one function of react-dom/server that is used here; its types are a package of their own. */
declare module 'react-dom/server' {
  import type { ReactNode } from 'react';
  export function renderToStaticMarkup(element: ReactNode): string;
}
