/** Match score of a text for a typed query, tolerating typos. Pure. */

/** Scripts whose marks are vowels, which tell words apart. */
const VOWELS =
  /[\p{Script=Devanagari}\p{Script=Bengali}\p{Script=Gurmukhi}\p{Script=Gujarati}\p{Script=Oriya}\p{Script=Tamil}\p{Script=Telugu}\p{Script=Kannada}\p{Script=Malayalam}\p{Script=Sinhala}\p{Script=Thai}]/u;
/** Dots below Indic letters, which many people leave out. */
const NUKTAS = /[\u093c\u09bc\u0a3c\u0abc\u0b3c\u0cbc]/gu;
/** Scripts that are written without blanks between words. */
const UNSPACED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u;

/** Lower case, without accents. Hindi has one spelling for a nasal before a consonant. */
export function plain(text: string): string {
  return text
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, (mark) => (VOWELS.test(mark) ? mark : ''))
    .replaceAll(NUKTAS, '')
    .replaceAll(/\p{Cf}/gu, '')
    .replaceAll('\u0901', '\u0902')
    .replaceAll(/[\u0919\u091e\u0923\u0928\u092e]\u094d(?=[\u0915-\u0939])/gu, '\u0902')
    .toLowerCase();
}

/** Splits what stands between blanks at its punctuation. */
function piecesOf(text: string): string[][] {
  return plain(text)
    .replaceAll('&', ' and ')
    .replaceAll(/['’`]/gu, '')
    .split(/\s+/u)
    .map((chunk) => chunk.split(/[^\p{L}\p{N}\p{M}]+/u).filter(Boolean))
    .filter((pieces) => pieces.length > 0);
}

/** Words of a text. Initials are one word, however they are written: `E.T.`, `k g f`. */
function wordsOf(text: string): string[] {
  const isLetter = (word: string) => /^\p{L}$/u.test(word);
  const words = piecesOf(text).flatMap((pieces) =>
    pieces.length > 1 && (pieces.every(isLetter) || pieces.every((piece) => /^\p{N}$/u.test(piece)))
      ? [pieces.join('')]
      : pieces,
  );
  const joined: string[] = [];
  let before = false;
  for (const word of words) {
    if (before && isLetter(word)) joined.push(`${joined.pop() ?? ''}${word}`);
    else joined.push(word);
    before = isLetter(word);
  }
  // A title of symbols alone, such as `???`, is its own word.
  return joined.length > 0 ? joined : plain(text).split(/\s+/u).filter(Boolean);
}

/** Words by which a text is found: its own, and what is written without a blank in between, such as `spiderman`. */
function termsOf(text: string): string[] {
  const compounds = piecesOf(text).flatMap((pieces) => (pieces.length > 1 ? [pieces.join('')] : []));
  return [...wordsOf(text), ...compounds, wordsOf(text).join('')];
}

/** Edit distance of two words, up to `most`. A swap of two letters counts as one edit. */
function edits(a: string, b: string, most: number): number {
  if (Math.abs(a.length - b.length) > most) return most + 1;
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const swap =
        i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? (before[j - 2] ?? 0) + 1 : Infinity;
      row.push(
        Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1), swap),
      );
    }
    before = last;
    last = row;
  }
  return last[b.length] ?? most + 1;
}

/** Score from 0 (no match) to 1 (every word matches). A word may be partial, or have one typo, two in long words. */
export function matches(query: string, text: string): number {
  const [words, wanted] = [termsOf(text), wordsOf(query)];
  if (wanted.length === 0) return 0;
  const scores = wanted.map((word) => Math.max(0, ...words.map((candidate) => likeness(word, candidate))));
  return scores.some((score) => score === 0) ? 0 : scores.reduce((total, score) => total + score, 0) / scores.length;
}

function likeness(word: string, candidate: string): number {
  if (candidate === word) return 1;
  if (candidate.startsWith(word)) return 0.95;
  if (UNSPACED.test(word) && candidate.includes(word)) return 0.9;
  const most = word.length >= 8 ? 2 : word.length >= 4 ? 1 : 0;
  if (most === 0) return 0;
  const whole = edits(word, candidate, most);
  const half = edits(word, candidate.slice(0, word.length), most);
  const fewest = Math.min(whole, half);
  return fewest <= most ? 0.85 - 0.15 * fewest : 0;
}

/** Splits `text` into matched and other parts: a matched beginning of a word, or a whole word with a typo. */
export function marked(text: string, query: string): { text: string; hit: boolean }[] {
  const wanted = wordsOf(query);
  return text.split(/([^\p{L}\p{N}\p{M}]+)/u).flatMap((part) => {
    const word = plain(part);
    const begun = Math.max(0, ...wanted.filter((one) => word.startsWith(one)).map((one) => one.length));
    // If removing accents changes the length, the end of the match is unknown, so the whole word is marked.
    if (begun > 0 && begun < word.length && word.length === part.length) {
      return [
        { text: part.slice(0, begun), hit: true },
        { text: part.slice(begun), hit: false },
      ];
    }
    const hit = word !== '' && (begun > 0 || wanted.some((one) => likeness(one, word) > 0));
    return part === '' ? [] : [{ text: part, hit }];
  });
}
