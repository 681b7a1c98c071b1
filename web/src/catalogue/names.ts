/** Names of cities, genres and languages in the reader's language; those that it has no word for stay as they are. */

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
