import { createHash } from 'node:crypto';

/** What is told to every page that listens, from one look that all of them share. */
export interface Live {
  /** Tells the newest at once and every change from then on; undefined where too many listen already. */
  listen(tell: (news: string) => void): (() => void) | undefined;
}

export interface LiveOptions {
  look(): Promise<string>;
  everyMs?: number;
  listenersMax?: number;
}

/** Looks only while somebody listens, never twice at once, and tells only what has changed. */
export function openLive({ look, everyMs = 2000, listenersMax = 30 }: LiveOptions): Live {
  const listeners = new Set<(news: string) => void>();
  let newest: string | undefined;
  let timer: NodeJS.Timeout | undefined;
  let isTurning = false;

  async function turn(): Promise<void> {
    timer = undefined;
    // What cannot be read is looked for again; the pages keep what they have.
    const news = await look().catch(() => undefined);
    if (news !== undefined && news !== newest) {
      newest = news;
      for (const tell of listeners) tell(news);
    }
    if (listeners.size === 0) return rest();
    timer = setTimeout(() => void turn(), everyMs);
    timer.unref();
  }

  /** Nobody listens: what was seen last is old when somebody comes again. */
  function rest(): void {
    clearTimeout(timer);
    timer = undefined;
    newest = undefined;
    isTurning = false;
  }

  return {
    listen(tell) {
      if (listeners.size >= listenersMax) return undefined;
      listeners.add(tell);
      if (newest !== undefined) tell(newest);
      if (!isTurning) {
        isTurning = true;
        void turn();
      }
      return () => {
        listeners.delete(tell);
        // While it looks, it finds that out by itself.
        if (listeners.size === 0 && timer) rest();
      };
    },
  };
}

/** The newest of what is put in, one after another: whoever reads slowly misses what lay between. */
export function latest(): { put(news: string): void; end(): void; news: AsyncGenerator<string> } {
  let next: string | undefined;
  let isOver = false;
  let wake = () => {};
  async function* take() {
    for (;;) {
      if (next !== undefined) {
        const news = next;
        next = undefined;
        yield news;
      } else if (isOver) return;
      else await new Promise<void>((resolve) => void (wake = resolve));
    }
  }
  return {
    put(news) {
      next = news;
      wake();
    },
    end() {
      isOver = true;
      next = undefined;
      wake();
    },
    news: take(),
  };
}

/** Puts what is told in its place, unless somebody is just pressing something in there. The page is whole without it. */
export const liveScript = `
const place = document.querySelector('[data-live]');
const events = new EventSource(place.dataset.live);
events.addEventListener('day', ({ data }) => {
  if (!place.contains(document.activeElement)) place.innerHTML = data;
});
addEventListener('pagehide', () => events.close());
`.trim();

/** Changes with the content, so that browsers may keep it for ever. */
export const liveScriptPath = `/operators/live-${createHash('sha256').update(liveScript).digest('hex').slice(0, 12)}.js`;
