/** Formats of amounts and times. Times of a screening are always in its venue's time zone. */

import type { Money } from '../api/types';
import { locale } from '../i18n/language';
import { t } from '../i18n/texts';

/** `1,25,000`. */
export function number(value: number): string {
  return value.toLocaleString(locale());
}

/**
 * Digits of the minor unit where they are not two (ISO 4217, list one). Browsers have digits of their own, which differ
 * for the forint or the Iraqi dinar, and would show a hundred times the amount.
 */
const ISO_DIGITS: Record<string, number> = {
  ...Object.fromEntries(
    'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF'.split(' ').map((c) => [c, 0]),
  ),
  ...Object.fromEntries('BHD IQD JOD KWD LYD OMR TND'.split(' ').map((c) => [c, 3])),
};
const learnt = new Map<string, number>();

/** Takes over the digits that the server states for its currency. */
export function learnDigits(code: string, digits: number): void {
  learnt.set(code, digits);
}

/** Digits of the minor unit: 2 for INR, 0 for JPY. */
export function minorDigits(code: string): number {
  return learnt.get(code) ?? ISO_DIGITS[code] ?? 2;
}

const amounts = new Map<string, Intl.NumberFormat>();

function amountFormat(code: string, digits: number): Intl.NumberFormat {
  const name = `${locale()} ${code} ${String(digits)}`;
  let format = amounts.get(name);
  if (!format) {
    const shape = { minimumFractionDigits: digits, maximumFractionDigits: digits };
    format = new Intl.NumberFormat(locale(), {
      style: 'currency',
      currency: code,
      currencyDisplay: 'narrowSymbol',
      ...shape,
    });
    amounts.set(name, format);
  }
  return format;
}

/** `₹250`, `₹250.50`: without trailing zeros. */
export function money({ amount_minor, currency: code }: Money): string {
  const digits = minorDigits(code);
  const unit = 10 ** digits;
  const format = amountFormat(code, amount_minor % unit === 0 ? 0 : digits);
  // A true minus sign: as wide as a plus, and not broken off at the end of a line.
  return format.format(amount_minor / unit).replace('-', '\u2212');
}

/** `250 rupees`, for screen readers. */
export function moneySpoken({ amount_minor, currency: code }: Money): string {
  const digits = minorDigits(code);
  const amount = amount_minor / 10 ** digits;
  const words: Record<string, string> = t.currencies;
  return `${String(Number(amount.toFixed(digits)))} ${words[code] ?? code}`;
}

/** `18%`, `2.5%`. */
export function percent(share: number): string {
  return share.toLocaleString(locale(), { style: 'percent', maximumFractionDigits: 2 });
}

/** Groups of three digits, or of two and at last three as in India, with one kind of separator. */
const GROUPED = /^\d{1,3}(?:([, ])\d{3})(?:\1\d{3})*$|^\d{1,2}(?:,\d{2})*,\d{3}$/;
/** A comma as decimal sign, as people type it in most of Europe: never with three digits, which are a group. */
const DECIMAL_COMMA = /^(\d+),(\d{1,2})$/;

/**
 * Parses a typed amount into minor units; null if it is not an amount, or could mean two: `1,250` in dinars, which have
 * three decimals.
 */
export function parseMoney(text: string, code: string): Money | null {
  const digits = minorDigits(code);
  const bare = text
    .replaceAll(/[\s\u00a0\u202f]+/g, ' ')
    .replace(/^ ?(?:[₹$€£]|[A-Za-z]{2,3}\b)? ?/, '')
    .replace(/ ?(?:[₹$€£]|\b[A-Za-z]{2,3})? ?$/, '');
  const plain = bare.replace(DECIMAL_COMMA, '$1.$2');
  const [whole = '', fraction = '', ...more] = plain.split('.');
  const isGrouped = GROUPED.test(whole);
  if (more.length > 0 || (!isGrouped && !/^\d+$/.test(whole))) return null;
  if (plain.includes('.') ? !/^\d+$/.test(fraction) : isGrouped && digits > 2 && whole.includes(',')) return null;
  if (fraction.length > digits) return null;
  const amount_minor = Number(whole.replaceAll(/[, ]/g, '')) * 10 ** digits + Number(fraction.padEnd(digits, '0') || 0);
  return Number.isSafeInteger(amount_minor) ? { amount_minor, currency: code } : null;
}

/** Amount as it is typed: `250`, `250.5`. */
export function typedMoney({ amount_minor, currency: code }: Money): string {
  return String(amount_minor / 10 ** minorDigits(code));
}

export function sum(amounts: readonly Money[], code: string): Money {
  return {
    amount_minor: amounts.reduce((total, { amount_minor }) => total + amount_minor, 0),
    currency: amounts[0]?.currency ?? code,
  };
}

type Shape =
  'month' | 'time' | 'day' | 'short-day' | 'weekday' | 'date' | 'full' | 'stamp' | 'dated-day' | 'dated-full';

const SHAPES: Record<Shape, Intl.DateTimeFormatOptions> = {
  time: { hour: 'numeric', minute: '2-digit', hour12: true },
  day: { weekday: 'long', day: 'numeric', month: 'long' },
  'short-day': { weekday: 'short', day: 'numeric', month: 'short' },
  weekday: { weekday: 'short' },
  month: { month: 'short' },
  date: { day: 'numeric', month: 'short', year: 'numeric' },
  full: { weekday: 'short', day: 'numeric', month: 'short', hour: 'numeric', minute: '2-digit', hour12: true },
  'dated-day': { weekday: 'short', day: 'numeric', month: 'short', year: 'numeric' },
  'dated-full': {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: 'numeric',
    minute: '2-digit',
    hour12: true,
  },
  stamp: {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: 'numeric',
    minute: '2-digit',
    second: '2-digit',
    hour12: true,
  },
};

const known = new Map<string, boolean>();

/** True if this browser knows a time zone. Old ones lack those that were added later, such as America/Coyhaique. */
function knows(timeZone: string): boolean {
  let answer = known.get(timeZone);
  if (answer === undefined) {
    try {
      new Intl.DateTimeFormat('en', { timeZone });
      answer = true;
    } catch {
      answer = false;
    }
    known.set(timeZone, answer);
  }
  return answer;
}

/**
 * A moment and the zone to show it in. Where the browser does not know the zone, the moment is moved by the offset that
 * the API wrote into it, and shown as UTC.
 */
function placed(moment: string | number | Date, timeZone?: string): { at: Date; timeZone: string | undefined } {
  if (!timeZone || knows(timeZone)) return { at: new Date(moment), timeZone };
  return atOffset(moment);
}

/** A moment by the offset that the API wrote into it, to be shown as UTC; in the reader's own zone without one. */
function atOffset(moment: string | number | Date): { at: Date; timeZone: string | undefined } {
  const [, sign, hours, minutes] = /([+-])(\d{2}):(\d{2})$/.exec(String(moment)) ?? [];
  if (!sign) return { at: new Date(moment), timeZone: undefined };
  const offset = (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
  return { at: new Date(new Date(moment).getTime() + offset * 60_000), timeZone: 'UTC' };
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** A format of the browser, made once: on a phone, each one made takes a millisecond. */
function formatOf(locale: string, options: Intl.DateTimeFormatOptions, timeZone?: string): Intl.DateTimeFormat {
  const name = [locale, timeZone, ...Object.entries(options)].join();
  let format = formats.get(name);
  if (!format) {
    format = new Intl.DateTimeFormat(locale, { ...options, ...(timeZone && { timeZone }) });
    formats.set(name, format);
  }
  return format;
}

/** Browsers put a narrow space before "pm", and some a comma between month and year. */
function written(at: Date, shape: Shape, timeZone?: string): string {
  const text = formatOf(locale(), SHAPES[shape], timeZone).format(at).replaceAll('\u202f', ' ');
  return text.replace(/(\p{L}), (\d{4})/u, '$1 $2');
}

/** A moment (RFC 3339) in a time zone; in the reader's own without one. */
export function when(moment: string | number | Date, shape: Shape, timeZone?: string): string {
  const { at, timeZone: zone } = placed(moment, timeZone);
  return written(at, shape, zone);
}

/** As `when`, with the year if it is another than at `now`. */
export function whenInYear(moment: string, shape: 'short-day' | 'full', now: number, timeZone: string): string {
  const yearOf = (at: string | number) => calendarDay(at, timeZone).slice(0, 4);
  if (yearOf(moment) === yearOf(now)) return when(moment, shape, timeZone);
  return when(moment, shape === 'full' ? 'dated-full' : 'dated-day', timeZone);
}

/** A moment with an offset, as the clocks show it where that offset is in use. */
export function whenThere(moment: string, shape: Shape): string {
  const { at, timeZone: zone } = atOffset(moment);
  return written(at, shape, zone);
}

/** `2026-11-27`: the calendar day of a moment in a time zone. */
export function calendarDay(moment: string | number | Date, timeZone?: string): string {
  const { at, timeZone: zone } = placed(moment, timeZone);
  return formatOf('en-CA', { year: 'numeric', month: '2-digit', day: '2-digit' }, zone).format(at);
}

/** The days that it is now in these time zones, in the reader's own without any: one or two, or three for a moment. */
export function daysAt(now: number, timeZones: readonly string[]): string[] {
  const zones = timeZones.length > 0 ? [...new Set(timeZones)] : [undefined];
  return [...new Set(zones.map((zone) => calendarDay(now, zone)))].sort();
}

/** The calendar day in a text that anyone may have written, such as a parameter of an address; null if it is none. */
export function dayIn(text: string | null | undefined): string | null {
  if (!text || !/^\d{4}-\d{2}-\d{2}$/.test(text)) return null;
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text) ? text : null;
}

/** The calendar day `days` after `day`. */
export function dayAfter(day: string, days: number): string {
  const date = new Date(`${day}T00:00:00Z`);
  date.setUTCDate(date.getUTCDate() + days);
  return date.toISOString().slice(0, 10);
}

/** Calendar day in words, independent of the reader's time zone. */
export function dayName(day: string, shape: 'day' | 'short-day' | 'dated-day' | 'weekday' | 'month' | 'date'): string {
  return when(`${day}T12:00:00Z`, shape, 'UTC');
}

/** `Today`, `Tomorrow`, `Sat 28 Nov`, with its year if that is not the current one. */
export function nearDay(day: string, today: string): string {
  if (day === today) return t.when.today;
  if (day === dayAfter(today, 1)) return t.when.tomorrow;
  return dayName(day, day.slice(0, 4) === today.slice(0, 4) ? 'short-day' : 'dated-day');
}

/** Minutes east of UTC of a zone at a moment. */
function offsetMinutes(moment: Date, zone?: string): number {
  const options = {
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    hourCycle: 'h23',
  } as const;
  const parts = Object.fromEntries(
    formatOf('en-US', options, zone && knows(zone) ? zone : undefined)
      .formatToParts(moment)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0 } = parts;
  return Math.round((Date.UTC(year, month - 1, day, hour, minute) - moment.getTime()) / 60_000);
}

/** `London time` if the reader's clock differs at that moment, otherwise null. */
export function zoneNote(moment: string, timeZone: string, place?: string): string | null {
  const at = new Date(moment);
  if (knows(timeZone) && offsetMinutes(at, timeZone) === offsetMinutes(at)) return null;
  return t.when.zone(place ?? (timeZone.split('/').pop() ?? timeZone).replaceAll('_', ' '));
}

/** `London time` for a row of a list, if the list has times of several zones or the reader's clock differs; otherwise null. */
export function zoneInList(zones: readonly string[], moment: string, timeZone: string, place: string): string | null {
  const at = new Date(moment);
  const offsets = new Set(zones.filter(knows).map((zone) => offsetMinutes(at, zone)));
  return offsets.size > 1 ? t.when.zone(place) : zoneNote(moment, timeZone, place);
}

/** `London time` for a moment with the offset of its place, if the reader's clock differs; otherwise null. */
export function zoneNoteThere(moment: string, place: string): string | null {
  const [, sign, hours, minutes] = /([+-])(\d{2}):(\d{2})$/.exec(moment) ?? [];
  const there = sign ? (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) : 0;
  return there === offsetMinutes(new Date(moment)) ? null : t.when.zone(place);
}

/** Offsets, in minutes, under which a wall-clock time exists at a place, the earlier moment first. */
function offsetsOf(guess: Date, timeZone: string): number[] {
  // A day before and after, so that a clock change lies between them.
  const [before, after] = [-1, 1].map((days) => offsetMinutes(new Date(guess.getTime() + days * 86_400_000), timeZone));
  return [...new Set([before ?? 0, after ?? 0])]
    .filter((minutes) => offsetMinutes(new Date(guess.getTime() - minutes * 60_000), timeZone) === minutes)
    .sort((a, b) => b - a);
}

/** `skipped` for a wall-clock time that a clock change leaves out, `twice` for one that it repeats, else null. */
export function clockChange(day: string, time: string, timeZone: string): 'skipped' | 'twice' | null {
  const offsets = offsetsOf(new Date(`${day}T${time}:00Z`), timeZone).length;
  return offsets === 0 ? 'skipped' : offsets === 2 ? 'twice' : null;
}

/**
 * Wall-clock time at a place, as typed into a schedule, in RFC 3339 with its offset. Of a time that comes twice, the
 * first; a time that does not exist is moved on by the clock change.
 */
export function localMoment(day: string, time: string, timeZone: string): string {
  const guess = new Date(`${day}T${time}:00Z`);
  const minutes = offsetsOf(guess, timeZone)[0] ?? offsetMinutes(new Date(guess.getTime() - 86_400_000), timeZone);
  const sign = minutes < 0 ? '-' : '+';
  const two = (number: number) => String(Math.trunc(number)).padStart(2, '0');
  return `${day}T${time}:00${sign}${two(Math.abs(minutes) / 60)}:${two(Math.abs(minutes) % 60)}`;
}

/**
 * The moment that a form means whose day and time were filled in from `was`: unchanged, the same moment, also if a clock
 * change repeats that time and `was` is the second one.
 */
export function editedMoment(day: string, time: string, timeZone: string, was: string): string {
  const stays = calendarDay(was, timeZone) === day && clockTime(was, timeZone) === time;
  return stays ? was : localMoment(day, time, timeZone);
}

/** `18:30`, local time at a place. */
export function clockTime(moment: string, timeZone: string): string {
  const { at, timeZone: zone } = placed(moment, timeZone);
  const shape = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;
  return formatOf('en-GB', shape, zone).format(at);
}

/** `2 h 8 min`. */
export function duration(minutes: number): string {
  const hours = Math.trunc(minutes / 60);
  const rest = minutes % 60;
  if (hours === 0) return t.when.minutes(rest);
  return rest === 0 ? t.when.hours(hours) : t.when.hoursAndMinutes(hours, rest);
}

/** `7:59` until then. */
export function countdown(milliseconds: number): string {
  const seconds = Math.max(0, Math.ceil(milliseconds / 1_000));
  return `${String(Math.trunc(seconds / 60))}:${String(seconds % 60).padStart(2, '0')}`;
}

/** `just now`, `5 min ago`, `3 h ago`, then the day. */
export function ago(moment: string, now: number): string {
  const minutes = Math.floor((now - Date.parse(moment)) / 60_000);
  if (minutes < 1) return t.when.justNow;
  if (minutes < 60) return t.when.minutesAgo(minutes);
  if (minutes < 24 * 60) return t.when.hoursAgo(Math.floor(minutes / 60));
  return when(moment, 'date');
}

/** `In 40 min`, `In 2 h` for a moment within a day from now, else null. */
export function soon(moment: string, now: number): string | null {
  const minutes = Math.ceil((Date.parse(moment) - now) / 60_000);
  if (minutes <= 0 || minutes > 24 * 60) return null;
  return t.when.soon(duration(minutes < 120 ? minutes : Math.round(minutes / 60) * 60));
}

/** Address of a map with the place. */
export function mapOf(place: { name: string; address?: string | null; city: string }): string {
  const query = `${place.name}, ${addressOf(place)}`;
  return `https://www.google.com/maps/search/?${new URLSearchParams({ api: '1', query }).toString()}`;
}

/** Address with its city, which many addresses end with already. */
export function addressOf({ address, city }: { address?: string | null; city: string }): string {
  if (!address) return city;
  const ends = address
    .split(',')
    .at(-1)
    ?.trim()
    .replace(/[\s-]*\d+$/, '')
    .toLowerCase();
  return ends === city.toLowerCase() ? address : `${address}, ${city}`;
}
