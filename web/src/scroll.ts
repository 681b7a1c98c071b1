/** Scroll positions of pages, kept by React Router for the way back. */

import type { Location } from 'react-router';

/**
 * The name under which the scroll position of a page is kept.
 *
 * The first page of a document has the key `default` whatever its address, so by its key it would open at the position
 * of another page: the return from the payment provider scrolled down like the checkout before it.
 */
export function scrollKey({ key, pathname, search }: Pick<Location, 'key' | 'pathname' | 'search'>): string {
  return key === 'default' ? pathname + search : key;
}
