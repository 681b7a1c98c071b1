/** Names of the catalogue in the reader's language; those that it has no word for stay as they are. */

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

/** With a capital, where the language has them. */
export function categoryName(category: string): string {
  return t.names.categories[category.toLowerCase()] ?? category.charAt(0).toUpperCase() + category.slice(1);
}

/** `Screen 2`, `Main Stage`: words that every house uses are translated. */
export function screenName(screen: string): string {
  return screen.replaceAll(/\p{L}+/gu, (word) => t.names.screens[word] ?? word);
}
