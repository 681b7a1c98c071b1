/** What the widget asks the API, and what it shows of the answer. Pure. */

import type { Screening } from '../api/types';
import { textsIn, type Tag } from './texts';

/** Screenings that are shown unless the page says how many. */
const SHOWN = 6;
const SHOWN_MAX = 20;
/** Screenings that may be running, at every screen of a large house: the API lists them until they end. */
const RUNNING_MAX = 20;
/** Share of free seats below which their number is shown. */
const FEW = 0.15;

export interface Settings {
  venue: string | null;
  show: string | null;
  shown: number;
  language: Tag;
}

const ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The settings in the attributes of a script: `data-venue`, `data-show` and `data-limit`. */
export function settingsFrom(data: Readonly<Record<string, string | undefined>>, language: Tag): Settings {
  const id = (text: string | undefined) => (text && ID.test(text.trim()) ? text.trim() : null);
  const limit = Math.trunc(Number(data.limit));
  const shown = limit >= 1 ? Math.min(limit, SHOWN_MAX) : SHOWN;
  return { venue: id(data.venue), show: id(data.show), shown, language };
}

/** The address of the list at the API of a site. */
export function addressOf(site: string, { venue, show, shown }: Settings): string {
  const query = new URLSearchParams({ status: 'active', limit: String(shown + RUNNING_MAX) });
  if (venue) query.set('venue_id', venue);
  if (show) query.set('show_id', show);
  return `${site}/api/v1/screenings?${query.toString()}`;
}

/** The page of a site with all screenings. */
export function pageOf(site: string, { venue, show, language }: Settings): string {
  return `${site}${show ? `/shows/${show}` : `/venues/${venue ?? ''}`}${language === 'en' ? '' : `?lang=${language}`}`;
}

export interface Line {
  id: string;
  /** What the screening is called in this list: the show, or where it is if all are of one show. */
  name: string;
  /** More about the place. */
  place: string;
  time: string;
  /** For programs. */
  startsAt: string;
  left: string;
  state: 'free' | 'few' | 'none';
  link: string;
  action: string;
}

/** The heading of the list. */
export function headingOf(screenings: readonly Screening[], settings: Settings): string {
  const t = textsIn(settings.language);
  const [first] = screenings;
  if (!first) return t.next;
  return settings.show ? t.of(first.show_title) : t.at(first.venue_name);
}

/** Minutes east of UTC of the reader's clock at a moment. */
function readersOffset(moment: string): number {
  return -new Date(moment).getTimezoneOffset();
}

/** Minutes east of UTC that a moment is written with. */
function ownOffset(moment: string): number | null {
  const [, sign, hours, minutes] = /([+-])(\d{2}):(\d{2})$/.exec(moment) ?? [];
  if (sign) return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
  return moment.endsWith('Z') ? 0 : null;
}

/**
 * The screenings that can still be booked, soonest first. Times are those of the clock at the venue; where the reader's differs, they
 * name its city.
 */
export function linesOf(
  site: string,
  screenings: readonly Screening[],
  settings: Settings,
  now: number,
  offsetOf: (moment: string) => number = readersOffset,
): Line[] {
  const { show, venue, language, shown } = settings;
  const t = textsIn(language);
  const time = new Intl.DateTimeFormat(t.locale, {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    hour: 'numeric',
    minute: '2-digit',
    timeZone: 'UTC',
  });
  return screenings
    .filter(({ starts_at, status }) => status === 'active' && Date.parse(starts_at) > now)
    .slice(0, shown)
    .map((one): Line => {
      const free = one.available_seats;
      const state = free === 0 ? 'none' : free < one.capacity * FEW ? 'few' : 'free';
      const link = `${site}/screenings/${one.screening_id}${language === 'en' ? '' : `?lang=${language}`}`;
      const clock = ownOffset(one.starts_at) === offsetOf(one.starts_at) ? '' : ` (${t.clockOf(one.city)})`;
      return {
        id: one.screening_id,
        name: show ? (venue ? one.screen_name : one.venue_name) : one.show_title,
        place: show ? (venue ? '' : one.city) : one.screen_name,
        // The clock at the venue, which needs no time zone of the browser.
        time: time.format(new Date(`${one.starts_at.slice(0, 19)}Z`)) + clock,
        startsAt: one.starts_at,
        left: { none: t.soldOut, few: t.left(free), free: t.free }[state],
        state,
        link,
        action: state === 'none' ? t.wait : t.choose,
      };
    });
}
