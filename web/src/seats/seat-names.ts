/** Names of seats as pages list them: in the order of the room, neighbours as a range. Pure. */

import { listed } from '../i18n/language';
import { t } from '../i18n/texts';

/** Fewest neighbours that are shorter as a range than one by one. */
const RANGE_MIN = 3;

interface Named {
  name: string;
  /** Letters that the label of the row begins with, and the rest of it. */
  letters: string;
  rest: string;
  number: number;
}

function partsOf(name: string): Named {
  const at = name.lastIndexOf('-');
  const label = at < 0 ? name : name.slice(0, at);
  const letters = /^\p{L}*/u.exec(label)?.[0] ?? '';
  return { name, letters, rest: label.slice(letters.length), number: at < 0 ? NaN : Number(name.slice(at + 1)) };
}

function compared(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** `Z` before `AA`, as rooms with more rows than letters go on. */
function bySeat(a: Named, b: Named): number {
  return (
    a.letters.length - b.letters.length ||
    compared(a.letters, b.letters) ||
    (parseInt(a.rest, 10) || 0) - (parseInt(b.rest, 10) || 0) ||
    compared(a.rest, b.rest) ||
    (a.number || 0) - (b.number || 0) ||
    compared(a.name, b.name)
  );
}

/** The seats by row, and in a row by number: `A-2` before `A-10`, `B-1` after both. */
export function inSeatOrder(seats: readonly string[]): string[] {
  return seats
    .map(partsOf)
    .sort(bySeat)
    .map(({ name }) => name);
}

function isNext(before: Named, after: Named): boolean {
  return before.letters === after.letters && before.rest === after.rest && after.number === before.number + 1;
}

/** The seats in their order, three and more with consecutive numbers as one: `A-1 to A-5`, `B-2`. */
export function seatRanges(seats: readonly string[]): string[] {
  const ranges: Named[][] = [];
  for (const seat of [...new Set(seats)].map(partsOf).sort(bySeat)) {
    const range = ranges.at(-1);
    const last = range?.at(-1);
    if (range && last && isNext(last, seat)) range.push(seat);
    else ranges.push([seat]);
  }
  return ranges.flatMap((range) => {
    const [first, last] = [range[0], range.at(-1)];
    if (!first || !last || range.length < RANGE_MIN) return range.map(({ name }) => name);
    return [t.seats.range(first.name, last.name)];
  });
}

/** `A-1 to A-5, B-2`: seats in a list. */
export function seatList(seats: readonly string[]): string {
  return seatRanges(seats).join(', ');
}

/** `A-1 to A-5 and B-2`: seats in a sentence. */
export function seatsListed(seats: readonly string[]): string {
  return listed(seatRanges(seats));
}
