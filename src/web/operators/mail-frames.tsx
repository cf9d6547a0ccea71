/** @jsxImportSource hono/jsx */

/** A mail as a phone and as a wide screen show it, in frames that run nothing and lead nowhere, and as text. */
export function MailFrames({ here, text }: { here: string; text: string }) {
  return (
    <>
      <section class="block frames" aria-label="What it looks like">
        <figure>
          <figcaption>On a phone</figcaption>
          <iframe class="phone" title="The mail on a phone" src={`${here}/html`} sandbox=""></iframe>
        </figure>
        <figure>
          <figcaption>On a wide screen</figcaption>
          <div class="scroll" tabindex={0} role="region" aria-label="The mail on a wide screen">
            <iframe class="desk" title="The mail on a wide screen" src={`${here}/html`} sandbox=""></iframe>
          </div>
        </figure>
      </section>
      <section class="block">
        <details>
          <summary>Text part</summary>
          <pre>{text}</pre>
        </details>
      </section>
    </>
  );
}
