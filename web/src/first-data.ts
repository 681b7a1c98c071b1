/**
 * What the first page shows. `public/start.js` asks for it while the app is loading, so the answers are there when the page
 * is: rendered together, it needs no second layout with data in place of gaps.
 */

import { wasAskedEarly } from './api/early';
import { address } from './api/client';
import { queryClient, reading, wholeList } from './api/queries';
import { cityOf } from './catalogue/city';

/** The page does not wait longer for its data, in milliseconds. */
const PATIENCE_MS = 1_000;

/** Reads what start.js asked for; nothing else is waited for. */
async function read(path: string): Promise<unknown> {
  const [, page, id] = path.split('/');
  if (page === 'shows' && id) return early(`/shows/${id}`);
  if (page === 'screenings' && id) return Promise.all([early(`/screenings/${id}`), early(`/screenings/${id}/seats`)]);
  if (page !== '' && page !== 'shows') return undefined;
  const cities = await queryClient.fetchQuery(wholeList('/cities'));
  const query = { city: cityOf(cities, null), status: 'active' } as const;
  if (!wasAskedEarly(address('/shows', { limit: 100, ...query }))) return undefined;
  return queryClient.prefetchQuery(wholeList('/shows', query));
}

async function early(
  path: `/shows/${string}` | `/screenings/${string}` | `/screenings/${string}/seats`,
): Promise<void> {
  if (wasAskedEarly(address(path))) await queryClient.prefetchQuery(reading(path));
}

/** Resolves once the page at `path` has its data, or is not to wait for them any longer. Never rejects. */
export async function firstData(path: string): Promise<void> {
  const patience = new Promise((resolve) => setTimeout(resolve, PATIENCE_MS));
  await Promise.race([read(path).catch(() => undefined), patience]);
}
