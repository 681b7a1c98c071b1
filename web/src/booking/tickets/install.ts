/** The browser's offer to install the app, kept until a page with tickets makes it. */

import { useSyncExternalStore } from 'react';

/** Chromium's event; other browsers install from their own menu. */
interface InstallOffer extends Event {
  prompt: () => Promise<unknown>;
}

let offer: InstallOffer | null = null;
const listeners = new Set<() => void>();

function change(to: InstallOffer | null): void {
  offer = to;
  for (const listener of listeners) listener();
}

/** Keeps the offer, which comes once and before most pages are loaded. */
export function keepInstallOffer(): void {
  window.addEventListener('beforeinstallprompt', (event) => {
    event.preventDefault();
    change(event as InstallOffer);
  });
  window.addEventListener('appinstalled', () => {
    change(null);
  });
}

/** A function that asks whether to install the app, or null if that is not on offer. */
export function useInstall(): (() => void) | null {
  const current = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => offer,
  );
  return (
    current &&
    (() => {
      // It can be made once.
      change(null);
      void current.prompt();
    })
  );
}
