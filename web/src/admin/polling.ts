/** Polling of the pages for administrators: it pauses while nobody touches them, so that an open page does not keep its session alive. */

import { useSyncExternalStore } from 'react';

/** Longer than a look at the page, and shorter than the time after which the server ends an idle session. */
export const QUIET_MS = 5 * 60_000;
const SIGNS_OF_LIFE = ['pointerdown', 'pointermove', 'keydown', 'wheel', 'focus'];

/** Watches whether a person uses a page. */
export function watchActivity(page: EventTarget) {
  const listeners = new Set<() => void>();
  let active = true;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const become = (next: boolean) => {
    if (active === next) return;
    active = next;
    for (const listener of listeners) listener();
  };
  const touched = () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      become(false);
    }, QUIET_MS);
    become(true);
  };
  for (const sign of SIGNS_OF_LIFE) page.addEventListener(sign, touched, { capture: true, passive: true });
  touched();
  return {
    isActive: () => active,
    onChange: (listener: () => void) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

let activity: ReturnType<typeof watchActivity> | undefined;

/** The `refetchInterval` of queries that are repeated every so many milliseconds while the page is in use. */
export function usePolling(): (milliseconds: number) => number | false {
  activity ??= watchActivity(window);
  const active = useSyncExternalStore(activity.onChange, activity.isActive);
  return (milliseconds) => active && milliseconds;
}
