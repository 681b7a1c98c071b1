/** Days that people write into a search: `drama tonight`, `tommorow`. Pure. */

import { dayAfter } from '../design/format';
import { matches } from './matching';

/** Days from now, by the words that mean them. */
const WORDS: readonly (readonly [string, number])[] = [
  ['today', 0],
  ['tonight', 0],
  ['tonite', 0],
  ['tomorrow', 1],
  ['आज', 0],
  ['कल', 1],
];
/** From this many letters on, a word may have typos: shorter ones are other words too soon. */
const TYPOS_FROM = 7;

function daysFromNow(word: string): number | null {
  const same = WORDS.find(([name]) => name === word.toLowerCase());
  if (same) return same[1];
  // Both ways, because a word and its first letters are alike only one way.
  const alike = WORDS.find(
    ([name]) =>
      word.length >= TYPOS_FROM - 1 &&
      name.length >= TYPOS_FROM &&
      Math.abs(name.length - word.length) <= 1 &&
      matches(word, name) > 0 &&
      matches(name, word) > 0,
  );
  return alike ? alike[1] : null;
}

/** The day that a search means, with the rest of its words; null if it names none. */
export function dayMeant(query: string, today: string): { day: string; rest: string } | null {
  const words = query.trim().split(/\s+/);
  const days = words.map(daysFromNow);
  const found = days.find((days) => days !== null);
  if (found === undefined || found === null) return null;
  return { day: dayAfter(today, found), rest: words.filter((_, index) => days[index] === null).join(' ') };
}
