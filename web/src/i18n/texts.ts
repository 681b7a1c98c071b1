/** The texts of the app in the reader's language. */

import type en from './en';

/** What a language has to say: the keys of English, and for each function the same parameters. */
export type Texts = typeof en;

/**
 * The texts, by the place where they are read. Loaded before the app is rendered, so only functions may use them: a
 * constant of a module is made too early (the linter refuses it).
 */
export let t: Texts;

export function setTexts(texts: Texts): void {
  t = texts;
}
