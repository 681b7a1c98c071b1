/** The way of the keyboard past the navigation. Pure. */

/** Ids of what every page shows, and of the part of it that the administration has beside its navigation. */
export const CONTENT = 'content';
export const WORK = 'work';

/** Where a page itself begins: behind the navigation of the administration, if there is one. */
export function startOfPage<T>(find: (id: string) => T | null): T | null {
  return find(WORK) ?? find(CONTENT);
}
