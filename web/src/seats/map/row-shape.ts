/** Numbers of seats, and what parts the seats of a row. Pure. */

/** A space where seats are missing: after the seat with this number, or in front of the first one if it is 0. */
export interface Gap {
  after: number;
  width: number;
}

/** The part of a row that says which seats are side by side. */
export interface Parted {
  aisles_after?: readonly number[];
  gaps?: readonly Gap[];
  seats: readonly { seat: string }[];
}

/** The number in the name of a seat: 14 of `C-14`. */
export function numberOf(name: string): number {
  return Number(name.slice(name.lastIndexOf('-') + 1));
}

/** Indices of the seats with an aisle or a gap to their right. */
export function breaksOf(row: Parted): ReadonlySet<number> {
  const numbers = new Set([...(row.aisles_after ?? []), ...(row.gaps ?? []).map(({ after }) => after)]);
  if (numbers.size === 0) return numbers;
  return new Set(row.seats.flatMap(({ seat }, index) => (numbers.has(numberOf(seat)) ? [index] : [])));
}
