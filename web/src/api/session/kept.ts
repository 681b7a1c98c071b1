/**
 * Own tickets, kept on the device for reading without a network until the account signs out. Only copies of answers: what
 * can be asked for is always asked for.
 */

const CACHE = 'ticketshow.tickets';
const LIST = '/api/v1/bookings?limit=50';
/** A list of bookings, or one of them. */
const OWN = /^\/api\/v1\/bookings(?:\?.*|\/[^/?]+)?$/;

/** The part of the browser's cache storage that is used. Browsers have it in secure contexts only. */
export type Storage = Pick<CacheStorage, 'open' | 'delete'>;

function storage(): Storage | null {
  return typeof caches === 'undefined' ? null : caches;
}

/** Keeps a copy of an answer, if it is about own bookings. */
export async function keep(url: string, response: Response, where = storage()): Promise<void> {
  if (!where || !OWN.test(url)) return;
  const copy = response.clone();
  // A full disk is no reason to fail.
  await where
    .open(CACHE)
    .then((cache) => cache.put(url, copy))
    .catch(() => undefined);
}

/** The kept copy of an answer, or null. A booking that was not opened yet is found in the kept list. */
export async function kept(url: string, where = storage()): Promise<Response | null> {
  if (!where || !OWN.test(url)) return null;
  const cache = await where.open(CACHE);
  const copy = await cache.match(url);
  if (copy) return copy;
  const id = /^\/api\/v1\/bookings\/([^/?]+)$/.exec(url)?.[1];
  const list = id === undefined ? undefined : await cache.match(LIST);
  const { items = [] } = ((await list?.json()) ?? {}) as { items?: { booking_id: string }[] };
  const found = items.find(({ booking_id }) => booking_id === id);
  return found ? Response.json(found) : null;
}

/** Removes all that is kept of an account. */
export function forgetKept(where = storage()): void {
  void where?.delete(CACHE).catch(() => undefined);
}
