/** Selected seats in the session storage. They survive a reload and signing in, and disappear with the browser tab. */

const key = (screening: string) => `ticketshow.seats.${screening}`;

export function storedSeats(screening: string): string[] {
  try {
    const stored: unknown = JSON.parse(sessionStorage.getItem(key(screening)) ?? '[]');
    return Array.isArray(stored) ? stored.filter((seat): seat is string => typeof seat === 'string') : [];
  } catch {
    return [];
  }
}

export function storeSeats(screening: string, seats: readonly string[]): void {
  try {
    if (seats.length > 0) sessionStorage.setItem(key(screening), JSON.stringify(seats));
    else sessionStorage.removeItem(key(screening));
  } catch {
    // Without storage the selection lasts until the page is left.
  }
}
