/** Whether there is a network: as the browser says, or as an answer proves. Some browsers miss that a network came back. */

/** True if the last call was answered and the browser has not lost the network since. */
let answered = false;
const listeners = new Set<() => void>();

export function isOnline(): boolean {
  return navigator.onLine || answered;
}

/** Learns from a call whether it got an answer, of whatever status. */
export function learnConnection(reached: boolean): void {
  const before = isOnline();
  answered = reached;
  if (isOnline() !== before) changed();
}

function changed(): void {
  for (const listener of listeners) listener();
}

function lost(): void {
  answered = false;
  changed();
}

/** Calls `act` each time the network is back, until the returned function is called. */
export function onReconnected(act: () => void): () => void {
  let before = isOnline();
  return onConnection(() => {
    const now = isOnline();
    const isBack = now && !before;
    before = now;
    if (isBack) act();
  });
}

/** Calls `listener` when the network goes or comes back, until the returned function is called. */
export function onConnection(listener: () => void): () => void {
  if (listeners.size === 0) {
    window.addEventListener('online', changed);
    window.addEventListener('offline', lost);
  }
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    window.removeEventListener('online', changed);
    window.removeEventListener('offline', lost);
  };
}
