/** English with accents on its letters and half as long again, to be read from right to left. */

const PLAIN = 'AEIOUaeiouncsy';
const ACCENTED = 'ÀÉÎÕÛàéîõûñçšý';

/** Accents the letters, except in the tags of a rich text. Direction marks make Latin words run from right to left. */
function accented(text: string): string {
  if (!/\p{L}/u.test(text)) return text;
  const letters = text.replaceAll(/<[^>]*>|[a-z]/gi, (part) => ACCENTED[PLAIN.indexOf(part)] ?? part);
  return `\u200f${letters}${'~'.repeat(Math.ceil(text.length / 4))}\u200f`;
}

/** The texts of a catalogue, accented. */
export function pseudo<T>(texts: T): T {
  return of(texts) as T;
}

function of(value: unknown): unknown {
  if (typeof value === 'string') return accented(value);
  if (typeof value === 'function') return (...values: unknown[]) => of(value(...values));
  if (Array.isArray(value)) return value.map(of);
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, of(inner)]));
  return value;
}
