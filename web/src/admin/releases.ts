/** Hours before the start at which seats may be released by themselves; 0 if they are released by hand. */
export const RELEASES = [0, 1, 2, 24, 72] as const;

/** The moment so many hours before a start; null if seats are released by hand. */
export function releaseAt(startsAt: string, hours: number): string | null {
  return hours > 0 ? new Date(Date.parse(startsAt) - hours * 3_600_000).toISOString() : null;
}

/** Whether the house keeps seats back at this moment. */
export function isKept(block: { release_at?: string | null }, now: number): boolean {
  return !block.release_at || Date.parse(block.release_at) > now;
}
