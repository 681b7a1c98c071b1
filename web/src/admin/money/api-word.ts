import { w } from '../../i18n/work/texts';

/** A word of the API in the reader's language, or as the API writes it. A person's text stays as it is. */
export function apiWord(word: string): string {
  if (!/^[a-z_]+$/.test(word)) return word;
  return w.money.words[word] ?? word.replaceAll('_', ' ');
}
