/** A series of dates, and what stands in its way. Pure. */

import { clockChange, clockTime, dayAfter, localMoment } from '../../design/format';
import { w } from '../../i18n/work/texts';

export interface Series {
  /** First calendar day at the venue. */
  from: string;
  until: string;
  /** Days of the week, 0 is Sunday. */
  weekdays: readonly number[];
  /** `18:30`, as typed: several with commas. */
  times: string;
  timezone: string;
}

export interface Slot {
  day: string;
  time: string;
  starts_at: string;
}

/** No series is longer: a slip of the year would fill a calendar. */
export const SLOTS_MAX = 200;

const parts = (text: string) => text.split(/[\s,;]+/).filter(Boolean);

function timeOf(part: string): string | null {
  const [, hour = '', minute = '00'] = /^(\d{1,2})(?:[:.](\d{2}))?$/.exec(part) ?? [];
  return hour !== '' && Number(hour) < 24 && Number(minute) < 60 ? `${hour.padStart(2, '0')}:${minute}` : null;
}

/** Times of day in a text such as `18:30, 21:15`, in order, each once. */
export function timesOf(text: string): string[] {
  return [
    ...new Set(
      parts(text)
        .map(timeOf)
        .filter((time) => time !== null),
    ),
  ].sort();
}

/** Entries of such a text that are not a time of day. */
export function unreadTimes(text: string): string[] {
  return parts(text).filter((part) => timeOf(part) === null);
}

export function slotsOf(series: Series): Slot[] {
  // A date that is being typed is empty for a while.
  if (!series.from || !series.until) return [];
  const slots: Slot[] = [];
  const times = timesOf(series.times);
  for (let day = series.from; day <= series.until && slots.length < SLOTS_MAX; day = dayAfter(day, 1)) {
    if (!series.weekdays.includes(new Date(`${day}T00:00:00Z`).getUTCDay())) continue;
    for (const time of times) slots.push({ day, time, starts_at: localMoment(day, time, series.timezone) });
  }
  return slots.slice(0, SLOTS_MAX);
}

export interface Taken {
  starts_at: string;
  ends_at: string;
  show_title: string;
}

/** Minutes of a show, and those for cleaning after each screening. */
export interface Length {
  minutes: number;
  turnaround: number;
}

/** The screening that conflicts with one that begins then, if any. */
export function clash(starts_at: string, { minutes, turnaround }: Length, taken: readonly Taken[]): Taken | undefined {
  const start = Date.parse(starts_at);
  const cleaning = turnaround * 60_000;
  const clean = start + minutes * 60_000 + cleaning;
  return taken.find((other) => start < Date.parse(other.ends_at) + cleaning && Date.parse(other.starts_at) < clean);
}

/** True if a time of day is within the opening hours; closing may be on the next day. */
export function isOpenAt(time: string, minutes: number, opens: string, closes: string): boolean {
  const minute = (text: string) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3, 5));
  const [open, close] = [minute(opens), minute(closes)];
  // Open round the clock.
  if (open === close) return true;
  const length = close > open ? close - open : close + 24 * 60 - open;
  const since = (minute(time) - open + 24 * 60) % (24 * 60);
  return since + minutes <= length;
}

interface House {
  opens_at: string;
  closes_at: string;
  timezone: string;
}

/** Reason why a show cannot begin then on a screen with the screenings `taken`; null if it can. */
export function troubleAt(
  slot: { day: string; starts_at: string; time: string },
  length: Length,
  house: House,
  taken: readonly Taken[],
  now: number,
): string | null {
  if (Date.parse(slot.starts_at) <= now) return w.trouble.past;
  if (clockChange(slot.day, slot.time, house.timezone) === 'skipped') return w.trouble.skipped;
  if (!isOpenAt(slot.time, length.minutes, house.opens_at, house.closes_at))
    return w.trouble.closed(house.opens_at, house.closes_at);
  const other = clash(slot.starts_at, length, taken);
  if (!other) return null;
  const since = clockTime(other.starts_at, house.timezone);
  return length.turnaround > 0
    ? w.trouble.cleaned(other.show_title, since, length.turnaround)
    : w.trouble.taken(other.show_title, since);
}

/** A slot that has become a screening of a show. */
export function takenBy(slot: Slot, show: { title: string; duration_minutes: number }): Taken {
  return {
    starts_at: slot.starts_at,
    ends_at: new Date(Date.parse(slot.starts_at) + show.duration_minutes * 60_000).toISOString(),
    show_title: show.title,
  };
}

/**
 * What a clock change makes of a typed time: one that it skips is wrong, of one that it repeats the first is meant, unless
 * the form keeps the moment that it had.
 */
export function clockFlaw(
  day: string,
  time: string,
  timeZone: string,
  meant?: string,
): { error?: string; hint?: string } {
  const change = day && time ? clockChange(day, time, timeZone) : null;
  if (change === 'skipped') return { error: w.schedule.clocksForward };
  const first = change === 'twice' ? Date.parse(localMoment(day, time, timeZone)) : null;
  return first !== null && (!meant || Date.parse(meant) === first) ? { hint: w.schedule.clocksBack } : {};
}

/** Conflict of each slot of a series, by its beginning; earlier slots of the series count too. */
export function troublesOf(
  slots: readonly Slot[],
  show: { title: string; duration_minutes: number; turnaround: number },
  house: House,
  taken: readonly Taken[],
  now: number,
): Map<string, string> {
  const there = [...taken];
  const troubles = new Map<string, string>();
  const length = { minutes: show.duration_minutes, turnaround: show.turnaround };
  for (const slot of slots) {
    const trouble = troubleAt(slot, length, house, there, now);
    if (trouble === null) there.push(takenBy(slot, show));
    else troubles.set(slot.starts_at, trouble);
  }
  return troubles;
}
