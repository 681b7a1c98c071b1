/** Reads through TanStack Query. The key of a query is its path and its parameters, so that a path invalidates it. */

import { QueryClient, infiniteQueryOptions, onlineManager, queryOptions, type Query } from '@tanstack/react-query';

import { get } from './client';
import { isOnline, onConnection } from './connection';
import { Problem } from './problem';
import type { Answer, ItemOf, PathOf, QueryOf } from './routes';
import type { Page } from './types';

const RETRIES = 3;

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      // The API answers 304 if nothing has changed, so asking again is cheap and seats stay fresh.
      staleTime: 20_000,
      gcTime: 10 * 60_000,
      retry: (failures, error) => failures < RETRIES && error instanceof Problem && error.passing,
      retryDelay: (attempt, error) => {
        const wanted = error instanceof Problem ? error.retryAfter : null;
        return Math.min((wanted ?? 0.4 * 2 ** attempt) * 1_000, 8_000);
      },
      networkMode: 'always',
      // With that mode it is off by default, and a page that failed without a network would stay as it is.
      refetchOnReconnect: true,
    },
    mutations: { networkMode: 'always' },
  },
});

/** Reads again what is on the page when the network comes back. */
export function followConnection(): void {
  onlineManager.setEventListener((set) => {
    set(isOnline());
    return onConnection(() => {
      set(isOnline());
    });
  });
}

/** Reads `path`. */
export function reading<const P extends PathOf<'get'>>(path: P, query: QueryOf<'get', P> = {} as QueryOf<'get', P>) {
  return queryOptions<Answer<'get', P>, Problem>({
    queryKey: [path, query],
    queryFn: ({ signal }) => get(path, { query, signal }),
  });
}

/** Reads a list page by page. */
export function listing<const P extends PathOf<'get'>>(path: P, query: QueryOf<'get', P> = {} as QueryOf<'get', P>) {
  type Item = ItemOf<P>;
  return infiniteQueryOptions<Page<Item>, Problem, { items: Item[] }, readonly unknown[], string | null>({
    queryKey: [path, query, 'pages'],
    queryFn: ({ signal, pageParam }) => page(path, { ...query, cursor: pageParam }, signal),
    initialPageParam: null,
    getNextPageParam: (last) => last.next_cursor ?? null,
    select: (data) => ({ items: data.pages.flatMap((page) => page.items) }),
  });
}

/** Maximum number of pages read for a whole list. */
const PAGES_MAX = 30;

/** Reads all pages of a list that is short by nature, such as the venues or the programme of a day. */
export function wholeList<const P extends PathOf<'get'>>(path: P, query: QueryOf<'get', P> = {} as QueryOf<'get', P>) {
  return queryOptions<ItemOf<P>[], Problem>({
    queryKey: [path, query, 'whole'],
    queryFn: async ({ signal }) => {
      const items: ItemOf<P>[] = [];
      let cursor: string | null = null;
      for (let read = 0; read < PAGES_MAX; read += 1) {
        const answer: Page<ItemOf<P>> = await page(path, { limit: 100, ...query, cursor }, signal);
        items.push(...answer.items);
        cursor = answer.next_cursor ?? null;
        if (cursor === null) break;
      }
      return items;
    },
  });
}

/** One page of a list. The compiler cannot see that a path with items returns a page of them. */
function page<P extends PathOf<'get'>>(path: P, query: object, signal: AbortSignal): Promise<Page<ItemOf<P>>> {
  return get(path, { query: query as QueryOf<'get', P>, signal }) as Promise<Page<ItemOf<P>>>;
}

/** Reads every query below these paths again, as soon as somebody looks at it. */
export async function outdated(...paths: string[]): Promise<void> {
  const predicate = ({ queryKey: [path] }: Query) =>
    typeof path === 'string' && paths.some((prefix) => path.startsWith(prefix));
  // A first read under way would be taken for the new one, although it may have been answered before the change.
  await queryClient.cancelQueries({ predicate: (query) => query.state.data === undefined && predicate(query) });
  await queryClient.invalidateQueries({ predicate });
}
