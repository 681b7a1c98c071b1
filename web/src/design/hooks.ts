import { startTransition, useEffect, useState, useSyncExternalStore } from 'react';

import { serverNow } from '../api/clock';
import { isOnline, onConnection } from '../api/connection';

/** Sets the title of the browser tab. */
export function useTitle(title: string | null | undefined): void {
  useEffect(() => {
    document.title = title ? `${title} · Ticket Show` : 'Ticket Show';
  }, [title]);
}

/** False until the page has been painted once: what is below the first screen is rendered then. */
export function usePainted(): boolean {
  const [painted, setPainted] = useState(false);
  useEffect(() => {
    startTransition(() => {
      setPainted(true);
    });
  }, []);
  return painted;
}

/** The server's time, updated every `every` milliseconds. */
export function useNow(every: number): number {
  const [now, setNow] = useState(serverNow);
  useEffect(() => {
    const timer = setInterval(() => {
      setNow(serverNow());
    }, every);
    return () => {
      clearInterval(timer);
    };
  }, [every]);
  return now;
}

/** A value once it has not changed for `wait` milliseconds. */
export function useSettled<T>(value: T, wait: number): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => {
      setSettled(value);
    }, wait);
    return () => {
      clearTimeout(timer);
    };
  }, [value, wait]);
  return settled;
}

/** True if there is a network. */
export function useOnline(): boolean {
  return useSyncExternalStore(onConnection, isOnline);
}

/** Keeps the screen on. The browser lets it go when the page is out of sight, so it is asked for again after that. */
export function useWakeLock(): void {
  useEffect(() => {
    let lock: Promise<WakeLockSentinel | null> | null = null;
    const hold = () => {
      if (document.visibilityState === 'visible')
        lock = navigator.wakeLock?.request('screen').catch(() => null) ?? null;
    };
    hold();
    document.addEventListener('visibilitychange', hold);
    return () => {
      document.removeEventListener('visibilitychange', hold);
      void lock?.then((held) => held?.release());
    };
  }, []);
}
