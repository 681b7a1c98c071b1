import { w } from '../../i18n/work/texts';

/** A word of the API in the reader's language, as the API writes it where the catalogue has none. */
export function apiWord(word: string): string {
  return w.money.words[word] ?? word.replaceAll('_', ' ');
}
