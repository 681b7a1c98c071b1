/** Where things stand on the schedule board: one line of time from opening to closing, also past midnight. Pure. */

import { clockTime, dayAfter } from '../design/format';

const DAY = 24 * 60;
/** A screening that is dragged goes by so many minutes. */
const STEP = 5;

export interface Axis {
  /** Minutes since the midnight before opening, at a full hour. */
  opens: number;
  /** As `opens`; more than a day's minutes where it closes past midnight. */
  closes: number;
  /** Beginnings of the hours in between. */
  hours: number[];
}

interface House {
  opens_at: string;
  closes_at: string;
}

export function minutesOf(time: string): number {
  return Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5));
}

export function axisOf(house: House): Axis {
  const opens = Math.floor(minutesOf(house.opens_at) / 60) * 60;
  const closing = minutesOf(house.closes_at);
  const end = closing <= minutesOf(house.opens_at) ? closing + DAY : closing;
  const hours = Array.from({ length: Math.ceil((end - opens) / 60) }, (_, index) => opens + index * 60);
  return { opens, closes: opens + hours.length * 60, hours };
}

/** A share of the line, in percent. */
export function percent(minutes: number, axis: Axis): string {
  return `${String((minutes / (axis.closes - axis.opens)) * 100)}%`;
}

/** Minutes since the midnight that `day` begins with, of a moment at a place. */
export function minuteOf(moment: string, day: string, timezone: string): number {
  const date = new Intl.DateTimeFormat('en-CA', {
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    timeZone: timezone,
  }).format(new Date(moment));
  const days = Math.round((Date.parse(date) - Date.parse(day)) / 86_400_000);
  return days * DAY + minutesOf(clockTime(moment, timezone));
}

/** The calendar day and the clock of a place on the line of `day`. */
export function placeOf(minute: number, day: string): { day: string; time: string } {
  const days = Math.floor(minute / DAY);
  const rest = minute - days * DAY;
  const two = (number: number) => String(number).padStart(2, '0');
  return { day: dayAfter(day, days), time: `${two(Math.floor(rest / 60))}:${two(rest % 60)}` };
}

/** Where something dragged comes to stand: at full steps, and never beyond the line. */
export function dragged(minute: number, by: number, length: number, axis: Axis): number {
  const wished = Math.round((minute + by) / STEP) * STEP;
  return Math.max(axis.opens, Math.min(wished, axis.closes - Math.min(length, axis.closes - axis.opens)));
}
