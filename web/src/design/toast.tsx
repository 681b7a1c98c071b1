/** Short messages at the top of the page, also announced. For events elsewhere; errors of a form stay in the form. */

import { useSyncExternalStore } from 'react';

type Tone = 'plain' | 'good' | 'bad';
interface Toast {
  id: number;
  text: string;
  tone: Tone;
}

const SHOWN_MS = 6_000;

let toasts: readonly Toast[] = [];
let lastId = 0;
const listeners = new Set<() => void>();

function set(next: readonly Toast[]): void {
  toasts = next;
  for (const listener of listeners) listener();
}

export function say(text: string, tone: Tone = 'plain'): void {
  lastId += 1;
  const id = lastId;
  set([...toasts.filter((toast) => toast.text !== text).slice(-2), { id, text, tone }]);
  setTimeout(() => {
    set(toasts.filter((toast) => toast.id !== id));
  }, SHOWN_MS);
}

const TONES: Record<Tone, string> = {
  plain: 'bg-ink text-ground',
  good: 'bg-good text-ground',
  bad: 'bg-bad text-ground',
};

/** Below the header and the strip of held seats: the foot of a page has its buttons, its notices and, on phones, the tabs. */
export const PLACE = [
  'pointer-events-none fixed inset-x-0 top-18 z-50 grid justify-items-center gap-2 px-4',
  '[:root:has([data-hold-strip])_&]:top-30 print:hidden',
].join(' ');

export function Toasts() {
  const shown = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => toasts,
  );
  return (
    <div role="status" className={PLACE}>
      {shown.map(({ id, text, tone }) => (
        <p key={id} className={`arrive max-w-md rounded-2xl px-4 py-2.5 font-medium shadow-lift ${TONES[tone]}`}>
          {text}
        </p>
      ))}
    </div>
  );
}
