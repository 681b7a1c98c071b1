/** What the widget asks the API, and what it shows of the answer. Pure. */

import type { Screening } from '../api/types';
import { textsIn, type Tag } from './texts';

/** Screenings that are shown unless the page says how many. */
const SHOWN = 6;
const SHOWN_MAX = 20;
/** Most that "Show more" leads to; the rest is on the page with all. */
export const MORE_MAX = 100;
/** Screenings that are usually running: the API lists them until they end. */
const RUNNING = 20;
/** Longest page of the API, and most pages that are read at once: one show may run on hundreds of screens at a time. */
const PAGE_MAX = 100;
const PAGES_MAX = 10;
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

/** The address of a page of the list at the API of a site. */
export function addressOf(site: string, { venue, show }: Settings, limit: number, cursor: string | null): string {
  const query = new URLSearchParams({ status: 'active', limit: String(limit) });
  if (venue) query.set('venue_id', venue);
  if (show) query.set('show_id', show);
  if (cursor) query.set('cursor', cursor);
  return `${site}/api/v1/screenings?${query.toString()}`;
}

/** The beginning of the list, and the cursor of what follows; null if nothing does. */
export interface Part {
  screenings: readonly Screening[];
  cursor: string | null;
}

export interface Page {
  items: readonly Screening[];
  next_cursor?: string | null;
}

/** Reads on from a part, or from the start, until `wanted` screenings can be booked or there are no more. */
export async function readOn(
  read: (limit: number, cursor: string | null) => Promise<Page>,
  part: Part | null,
  wanted: number,
  now: number,
): Promise<Part> {
  let { screenings, cursor } = part ?? { screenings: [], cursor: null };
  for (let pages = 0; pages < PAGES_MAX && (cursor !== null || (!part && pages === 0)); pages += 1) {
    const missing = wanted - bookable(screenings, now).length;
    if (missing <= 0) break;
    // The first page is usually enough. If it was not, a show runs on many screens.
    const limit = pages === 0 ? Math.min(missing + RUNNING, PAGE_MAX) : PAGE_MAX;
    const page = await read(limit, cursor);
    screenings = [...screenings, ...page.items];
    cursor = page.next_cursor ?? null;
  }
  return { screenings, cursor };
}

function bookable(screenings: readonly Screening[], now: number): Screening[] {
  return screenings.filter(({ starts_at, status }) => status === 'active' && Date.parse(starts_at) > now);
}

/** True if there is more to show after `shown` lines. */
export function hasMore({ screenings, cursor }: Part, shown: number, now: number): boolean {
  return shown < MORE_MAX && (cursor !== null || bookable(screenings, now).length > shown);
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
 * The first `shown` screenings that can still be booked, soonest first. Times are those of the clock at the venue; where the reader's differs, they
 * name its city.
 */
export function linesOf(
  site: string,
  screenings: readonly Screening[],
  settings: Settings,
  now: number,
  shown = settings.shown,
  offsetOf: (moment: string) => number = readersOffset,
): Line[] {
  const { show, venue, language } = settings;
  const t = textsIn(language);
  const time = new Intl.DateTimeFormat(t.locale, {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    hour: 'numeric',
    minute: '2-digit',
    timeZone: 'UTC',
  });
  return bookable(screenings, now)
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
