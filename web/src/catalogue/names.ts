/** Names of the catalogue in the reader's language; those that it has no word for stay as they are. */

import { readable } from '../i18n/readable';
import { t } from '../i18n/texts';

/** The word for a whole name. A house may call a category `constructor`, which every object has something for. */
function wordFor(names: Record<string, string>, name: string): string | undefined {
  return Object.hasOwn(names, name) ? names[name] : undefined;
}

export function cityName(city: string): string {
  return wordFor(t.names.cities, city) ?? city;
}

export function genreName(genre: string): string {
  return wordFor(t.names.genres, genre) ?? genre;
}

export function spokenName(language: string): string {
  return wordFor(t.names.languages, language) ?? language;
}

/** `Premium recliner` for `premium-recliner`. Only whole names are translated: words alone would leave half in English. */
export function categoryName(category: string): string {
  const own = readable(category);
  return wordFor(t.names.categories, own.toLowerCase()) ?? own;
}

/** A name and the number after it, as in `Screen 2`. */
const NUMBERED = /^(.*?)(\s*\d+)?$/su;

/** `Screen 2`, `Main Stage`: names that many houses use are translated as a whole, with or without a number. */
export function screenName(screen: string): string {
  const [, name = screen, number = ''] = NUMBERED.exec(screen.trim()) ?? [];
  const word = wordFor(t.names.screens, name.toLowerCase());
  return word === undefined ? screen : word + number;
}
