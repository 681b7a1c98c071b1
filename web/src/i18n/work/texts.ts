/** The texts of the pages for people who work for the house, in the reader's language. */

import type door from './en/door';
import type house from './en/house';
import type office from './en/office';
import type programme from './en/programme';

/** The texts, by the part that is loaded at once. */
export interface WorkTexts {
  /** The door keeps working without a network, and needs no other part. */
  door: typeof door;
  /** Of the frame and the daily work: every page of the house needs it. */
  house: typeof house;
  programme: typeof programme;
  office: typeof office;
}
export type Part = keyof WorkTexts;

/**
 * The texts of work, by the place where they are read. Each part is loaded beside the pages that use it (src/routes.tsx),
 * so customers never load them. As with `t`, only functions may use them.
 */
export let w: typeof door & typeof house & typeof programme & typeof office;

/** Adds the texts of a part. */
export function addWorkTexts(texts: WorkTexts[Part]): void {
  w = { ...w, ...texts };
}
