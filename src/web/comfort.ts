import { createHash } from 'node:crypto';

/** Choices are looked at when they have stood still for so long. */
const liveAfterMs = 500;

/**
 * The one script. It adds comfort, and everything works without it: it chooses the browser's own time zone where nobody
 * has chosen one, narrows the topics to those looked for, and shows the next digest anew while choices change, by the
 * same press of "Preview" that a reader without it makes.
 */
export const comfort = `
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
for (const select of document.querySelectorAll('select[name=time_zone][data-guess]')) {
  const option = [...select.options].find((one) => one.value === zone);
  if (option) option.selected = true;
}

for (const find of document.querySelectorAll('[data-find]')) {
  find.hidden = false;
  find.addEventListener('keydown', (press) => press.key === 'Enter' && press.preventDefault());
  find.addEventListener('input', () => {
    const wanted = find.value.trim().toLowerCase();
    for (const group of find.parentElement.querySelectorAll('[role=group]')) {
      const labels = [...group.querySelectorAll('label')];
      for (const label of labels) label.hidden = !(label.textContent + ' ' + label.title).toLowerCase().includes(wanted);
      group.hidden = labels.every((label) => label.hidden);
    }
  });
}

for (const form of document.querySelectorAll('form[data-live]')) {
  let waiting, asking;
  const look = async () => {
    asking?.abort();
    asking = new AbortController();
    const body = new URLSearchParams(new FormData(form));
    body.set('do', 'preview');
    const answer = await fetch(form.action, { method: 'POST', body, signal: asking.signal });
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    const next = page.querySelector('section.next');
    if (next) document.querySelector('section.next').replaceWith(document.importNode(next, true));
  };
  form.addEventListener('input', (change) => {
    if (change.target.matches('[data-find]')) return;
    clearTimeout(waiting);
    waiting = setTimeout(() => look().catch(() => {}), ${liveAfterMs});
  });
}
`.trim();

/** Changes with the content, so that browsers may keep it for ever. */
export const comfortPath = `/comfort-${createHash('sha256').update(comfort).digest('hex').slice(0, 12)}.js`;
