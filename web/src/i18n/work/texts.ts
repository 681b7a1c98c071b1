/** The texts of the pages for people who work for the house, in the reader's language. */

import type house from './en';
import type door from './en/door';

/** Texts of the page at the door, which keeps working without a network and needs no others. */
export type DoorTexts = typeof door;
/** Texts of the administration. */
export type HouseTexts = typeof house;

/**
 * The texts of work, by the place where they are read. Each part is loaded beside the pages that use it (src/routes.tsx),
 * so customers never load them. As with `t`, only functions may use them.
 */
export let w: DoorTexts & HouseTexts;

/** Adds the texts of a part. */
export function addWorkTexts(texts: DoorTexts | HouseTexts): void {
  w = { ...w, ...texts };
}
