/** Choosing from a long list by typing. Pure. */

import { matches } from '../../catalogue/matching';
import { inOrder } from '../../i18n/language';

/** Choices that are listed at once; a few more letters find the others. */
export const LISTED_MAX = 50;

export interface Pick {
  value: string;
  text: string;
}

export interface Found {
  picks: Pick[];
  /** Choices that match as well, and are not listed. */
  more: number;
}

/** What matches the typed words, best first; without any, all of it by name. */
export function found(all: readonly Pick[], typed: string): Found {
  const query = typed.trim();
  const scored = all
    .map((pick) => ({ pick, score: query === '' ? 1 : matches(query, pick.text) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score || inOrder(a.pick.text, b.pick.text));
  return {
    picks: scored.slice(0, LISTED_MAX).map(({ pick }) => pick),
    more: Math.max(0, scored.length - LISTED_MAX),
  };
}

/** The position after an arrow key; −1 is the field itself, which the cycle passes. */
export function stepped(at: number, step: 1 | -1, count: number): number {
  return count === 0 ? -1 : ((at + 1 + step + count + 1) % (count + 1)) - 1;
}
