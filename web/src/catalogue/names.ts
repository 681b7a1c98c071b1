/** Names of the catalogue in the reader's language; those that it has no word for stay as they are. */

import { readable } from '../i18n/readable';
import { t } from '../i18n/texts';

export function cityName(city: string): string {
  return t.names.cities[city] ?? city;
}

export function genreName(genre: string): string {
  return t.names.genres[genre] ?? genre;
}

export function spokenName(language: string): string {
  return t.names.languages[language] ?? language;
}

/** `Premium recliner` for `premium-recliner`. It is translated as a whole, or if each of its words is known. */
export function categoryName(category: string): string {
  const own = readable(category);
  const known = (name: string) => t.names.categories[name.toLowerCase()];
  const words = own.split(' ').map(known);
  return known(own) ?? (words.every((word) => word !== undefined) ? words.join(' ') : own);
}

/** `Screen 2`, `Main Stage`: words that every house uses are translated. */
export function screenName(screen: string): string {
  return screen.replaceAll(/\p{L}+/gu, (word) => t.names.screens[word] ?? word);
}
