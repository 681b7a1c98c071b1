/** What the seats of a room face. Pure. */

import type { Show } from '../../api/types';
import { t } from '../../i18n/texts';

/** Genres that are played by people in front of the seats, in lower case. */
const ON_STAGE: ReadonlySet<string> = new Set(['play']);

/** `Stage` or `Screen`; nothing while the show is not known, rather than the wrong word. */
export function frontOf(show: Pick<Show, 'genres'> | undefined): string {
  if (!show) return '';
  return show.genres.some((genre) => ON_STAGE.has(genre.toLowerCase())) ? t.seats.stage : t.seats.screen;
}
