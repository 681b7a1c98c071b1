/** Reading by TanStack Query. A query's key is its path and its parameters, so whatever changed is named by its path. */

import { QueryClient, infiniteQueryOptions, queryOptions } from '@tanstack/react-query';

import { get, type Query } from './client';
import { Problem } from './problem';
import type { Page } from './types';

const RETRIES = 3;

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      // The API answers 304 to what has not changed: asking again is cheap, and nobody looks at old seats.
      staleTime: 20_000,
      gcTime: 10 * 60_000,
      retry: (failures, error) => failures < RETRIES && error instanceof Problem && error.passing,
      retryDelay: (attempt, error) => {
        const asked = error instanceof Problem ? error.retryAfter : null;
        return Math.min((asked ?? 0.4 * 2 ** attempt) * 1_000, 8_000);
      },
      networkMode: 'always',
    },
    mutations: { networkMode: 'always' },
  },
});

/** Reads `path`. */
export function reading<T>(path: string, query: Query = {}) {
  return queryOptions<T, Problem>({
    queryKey: [path, query],
    queryFn: ({ signal }) => get<T>(path, { query, signal }),
  });
}

/** Reads a list page by page. */
export function listing<T>(path: string, query: Query = {}) {
  return infiniteQueryOptions<Page<T>, Problem, { items: T[] }, readonly unknown[], string | null>({
    queryKey: [path, query, 'pages'],
    queryFn: ({ signal, pageParam }) => get<Page<T>>(path, { query: { ...query, cursor: pageParam }, signal }),
    initialPageParam: null,
    getNextPageParam: (last) => last.next_cursor ?? null,
    select: (data) => ({ items: data.pages.flatMap((page) => page.items) }),
  });
}

/** Pages read at most for a list that is wanted whole. */
const PAGES_MAX = 30;

/** Reads a list that is short by nature (venues, the programme of a day) whole. */
export function wholeList<T>(path: string, query: Query = {}) {
  return queryOptions<T[], Problem>({
    queryKey: [path, query, 'whole'],
    queryFn: async ({ signal }) => {
      const items: T[] = [];
      let cursor: string | null = null;
      for (let page = 0; page < PAGES_MAX; page += 1) {
        const answer: Page<T> = await get<Page<T>>(path, { query: { limit: 100, ...query, cursor }, signal });
        items.push(...answer.items);
        cursor = answer.next_cursor ?? null;
        if (cursor === null) break;
      }
      return items;
    },
  });
}

/** Has everything below these paths read again. */
export function outdated(...paths: string[]): Promise<void> {
  return queryClient.invalidateQueries({
    predicate: ({ queryKey: [path] }) => typeof path === 'string' && paths.some((prefix) => path.startsWith(prefix)),
  });
}
