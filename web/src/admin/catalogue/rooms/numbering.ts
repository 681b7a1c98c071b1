/** Numbering of the seats of a row. Pure. */

export const PATTERNS = ['left', 'right', 'odd', 'odd-right', 'even', 'even-right', 'middle', 'own'] as const;

export type Pattern = (typeof PATTERNS)[number];

export interface Numbering {
  pattern: Pattern;
  /** No number is lower. */
  first: number;
  /** A missing seat has a number, too, which nobody sees. */
  counted: boolean;
  /** The numbers as typed, for own ones. */
  own: string;
}

export const PLAIN: Numbering = { pattern: 'left', first: 1, counted: false, own: '' };

/** The numbers of a list such as `1, 2 11`, as far as they are numbers. */
export function listOf(text: string): number[] {
  const parts = text.split(/[\s,;]+/).filter((part) => part !== '');
  return parts.map(Number).filter((number) => Number.isInteger(number) && number >= 1);
}

/** So many numbers of a pattern, from left to right. */
function sequence({ pattern, first }: Numbering, count: number): number[] {
  const odd = first % 2 === 1 ? first : first + 1;
  const even = first % 2 === 0 ? first : first + 1;
  const from = (start: number, by: number, length = count) => Array.from({ length }, (_, at) => start + at * by);
  switch (pattern) {
    case 'left':
    case 'own':
      return from(first, 1);
    case 'right':
      return from(first, 1).reverse();
    case 'odd':
      return from(odd, 2);
    case 'odd-right':
      return from(odd, 2).reverse();
    case 'even':
      return from(even, 2);
    case 'even-right':
      return from(even, 2).reverse();
    case 'middle': {
      const left = Math.ceil(count / 2);
      return [...from(odd, 2, left).reverse(), ...from(even, 2, count - left)];
    }
  }
}

/** The numbers of the seats; `missing` says of each place from left to right if its seat is missing. */
export function numbersFor(numbering: Numbering, missing: readonly boolean[]): number[] {
  if (numbering.pattern === 'own') return listOf(numbering.own);
  if (!numbering.counted) return sequence(numbering, missing.filter((is) => !is).length);
  return sequence(numbering, missing.length).filter((_, at) => !missing[at]);
}

function alike(some: readonly number[], others: readonly number[]): boolean {
  return some.length === others.length && some.every((number, at) => number === others[at]);
}

/** The numbering that leads to these numbers: a pattern if there is one. */
export function numberingOf(numbers: readonly number[], missing: readonly boolean[]): Numbering {
  const least = Math.min(...numbers);
  const hidden = missing.filter((is) => is).length;
  // With hidden numbers, the first one may be lower than all that are seen.
  const firsts = [1, ...Array.from({ length: 2 * hidden + 2 }, (_, at) => least - at).filter((first) => first > 1)];
  for (const counted of hidden > 0 ? [false, true] : [false])
    for (const pattern of PATTERNS)
      for (const first of counted ? firsts : [1, least, least - 1]) {
        const found: Numbering = { pattern, first, counted, own: '' };
        if (first >= 1 && pattern !== 'own' && alike(numbersFor(found, missing), numbers)) return found;
      }
  return { ...PLAIN, pattern: 'own', own: numbers.join(', ') };
}
