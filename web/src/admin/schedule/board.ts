/** Geometry of the schedule board: one line of time from opening to closing, past midnight where needed. Pure. */

import { calendarDay, clockTime, dayAfter } from '../../design/format';

const DAY = 24 * 60;
/** The board shows what begins up to this many minutes before opening. */
export const FIRST_MINUTES = 60;
/** Dragging moves a screening in steps of this many minutes. */
const STEP = 5;

/** A screen, a day and a time of the board. */
export interface BoardSlot {
  screen: string;
  day: string;
  time: string;
}

export interface Axis {
  /** Minutes since the midnight before opening, at a full hour. */
  opens: number;
  /** Same unit; more than 24 hours if the venue closes past midnight. */
  closes: number;
  /** Start of each hour in between. */
  hours: number[];
}

/** Screens that something can be scheduled on, and the one that it is on. */
export function inUse<S extends { screen_id: string; status: string }>(screens: readonly S[], own?: string): S[] {
  return screens.filter((one) => one.status === 'active' || one.screen_id === own);
}

interface OpeningHours {
  opens_at: string;
  closes_at: string;
}

export function minutesOf(time: string): number {
  return Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5));
}

export function axisOf(hours: OpeningHours): Axis {
  const opens = Math.floor(minutesOf(hours.opens_at) / 60) * 60;
  const closing = minutesOf(hours.closes_at);
  const end = closing <= minutesOf(hours.opens_at) ? closing + DAY : closing;
  const starts = Array.from({ length: Math.ceil((end - opens) / 60) }, (_, index) => opens + index * 60);
  return { opens, closes: opens + starts.length * 60, hours: starts };
}

/** Length in minutes. */
export function lengthOf({ starts_at, ends_at }: { starts_at: string; ends_at: string }): number {
  return (Date.parse(ends_at) - Date.parse(starts_at)) / 60_000;
}

/** Length on the line, in percent. */
export function percent(minutes: number, axis: Axis): string {
  return `${String((minutes / (axis.closes - axis.opens)) * 100)}%`;
}

/** Minutes from the midnight at which `day` begins to `moment`, in the time zone of the venue. */
export function minuteOf(moment: string, day: string, timezone: string): number {
  const date = calendarDay(moment, timezone);
  const days = Math.round((Date.parse(date) - Date.parse(day)) / 86_400_000);
  return days * DAY + minutesOf(clockTime(moment, timezone));
}

/** Calendar day and clock time at `minute` of the line of `day`. */
export function placeOf(minute: number, day: string): { day: string; time: string } {
  const days = Math.floor(minute / DAY);
  const rest = minute - days * DAY;
  const two = (number: number) => String(number).padStart(2, '0');
  return { day: dayAfter(day, days), time: `${two(Math.floor(rest / 60))}:${two(rest % 60)}` };
}

interface Running {
  start: number;
  minutes: number;
}

/** A screening that runs is of interest for this many minutes before now, at most. */
const BEFORE_NOW_MINUTES = 60;

/**
 * The full hour at which a board that is wider than its window begins: what runs at `now` or comes next. On a day without any of
 * that, its first screening, or the time of opening. `now` is on the line of the day only if the day is today.
 */
export function firstInSight(axis: Axis, now: number, taken: readonly Running[]): number {
  const ahead = taken.filter(({ start, minutes }) => start + minutes > now).map(({ start }) => start);
  const isToday = now >= axis.opens && now < axis.closes;
  const from = isToday
    ? Math.max(now - BEFORE_NOW_MINUTES, Math.min(...ahead, ahead.length > 0 ? axis.closes : now))
    : Math.min(...taken.map(({ start }) => start), taken.length > 0 ? axis.closes : axis.opens);
  return Math.max(axis.opens, Math.floor(from / 60) * 60);
}

/** Start of a dragged screening: rounded to a full step and kept on the line. */
export function dragged(minute: number, by: number, length: number, axis: Axis): number {
  const rounded = Math.round((minute + by) / STEP) * STEP;
  return Math.max(axis.opens, Math.min(rounded, axis.closes - Math.min(length, axis.closes - axis.opens)));
}

/** Hours of the line in which no screening runs, so that each is wide enough to be pressed. */
export function freeHours(axis: Axis, taken: readonly { start: number; minutes: number }[]): number[] {
  return axis.hours.filter((hour) => !taken.some(({ start, minutes }) => start < hour + 60 && start + minutes > hour));
}
