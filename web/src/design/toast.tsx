/** Short messages at the edge of the page, also announced. For events elsewhere; errors of a form stay in the form. */

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

export function Toasts() {
  const shown = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => toasts,
  );
  return (
    <div
      role="status"
      className="pointer-events-none fixed inset-x-0 bottom-0 z-50 grid justify-items-center gap-2 p-4 pb-24 md:pb-6"
    >
      {shown.map(({ id, text, tone }) => (
        <p key={id} className={`arrive max-w-md rounded-2xl px-4 py-2.5 font-medium shadow-lift ${TONES[tone]}`}>
          {text}
        </p>
      ))}
    </div>
  );
}
