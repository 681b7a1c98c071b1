/** The seats chosen for a screening. They outlive a reload and signing in, and end with the browser's tab. */

import { useCallback, useState } from 'react';

export const SEATS_MAX = 10;

const key = (screening: string) => `ticketshow.seats.${screening}`;

function read(screening: string): string[] {
  try {
    const kept: unknown = JSON.parse(sessionStorage.getItem(key(screening)) ?? '[]');
    return Array.isArray(kept) ? kept.filter((seat): seat is string => typeof seat === 'string') : [];
  } catch {
    return [];
  }
}

export function keepChoice(screening: string, seats: readonly string[]): void {
  try {
    if (seats.length > 0) sessionStorage.setItem(key(screening), JSON.stringify(seats));
    else sessionStorage.removeItem(key(screening));
  } catch {
    // Storage is off: the choice lasts until the page is left.
  }
}

export function useChoice(screening: string) {
  const [seats, setSeats] = useState(() => read(screening));
  const choose = useCallback(
    (next: readonly string[]) => {
      keepChoice(screening, next);
      setSeats([...next]);
    },
    [screening],
  );
  return [seats, choose] as const;
}
