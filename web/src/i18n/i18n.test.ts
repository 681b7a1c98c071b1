import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

import customersPseudo from './ar-XB';
import customersEnglish from './en';
import customersHindi from './hi';
import { inOrder, LANGUAGES, listed, PSEUDO } from './language';
import { plurals } from './plurals';
import { rich } from './rich';

const WORK = { en: LANGUAGES.en.work, hi: LANGUAGES.hi.work, pseudo: PSEUDO.work };
/** The texts of the pages for people who work for the house. */
async function work(language: keyof typeof WORK): Promise<object> {
  const parts = await Promise.all(Object.values(WORK[language]).map(async (load) => (await load()).default));
  return Object.assign({}, ...parts) as object;
}
const en = { ...customersEnglish, ...(await work('en')) };
const hi = { ...customersHindi, ...(await work('hi')) };
const pseudo = { ...customersPseudo, ...(await work('pseudo')) };

/** All texts of a language by their path; of a function, those for the values 1 and 5, as texts. */
function textsOf(value: unknown, path = ''): [string, string][] {
  if (typeof value === 'string') return [[path, value]];
  if (typeof value === 'function')
    return ['1', '5'].flatMap((one) => textsOf(value(...Array<string>(6).fill(one)), path));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => textsOf(inner, `${path}.${key}`));
}

/** Words that English takes from the API as they are. */
const OF_ITS_OWN =
  /^\.(names|booking\.story|told\.changes|problems\.flaws|problems\.ofWork|money\.words|audit\.outcomes)\./;

/** What is written in Latin letters in Hindi, too. */
const LATIN = new Set(
  'Ticket Show QR PDF UPI GST A5 API Ctrl Enter Esc JPEG PNG WebP MB HTML Drama Family Play Apple Google Wallet CSV'.split(
    ' ',
  ),
);

describe('a language', () => {
  it('is known to the script that runs before the app, and to no other list', () => {
    const start = readFileSync('public/start.js', 'utf8');
    const tags = /var LANGUAGES = \{(.*)\};/.exec(start)?.[1]?.match(/[\w-]+(?=['"]?:)/g);
    expect(tags).toEqual([...Object.keys(LANGUAGES), 'ar-XB']);
  });

  it('has the keys of English, and a text for each', () => {
    const keys = new Set(
      textsOf(en)
        .map(([path]) => path)
        .filter((path) => !OF_ITS_OWN.test(path)),
    );
    for (const texts of [hi, pseudo]) {
      const paths = textsOf(texts).map(([path]) => path);
      expect(new Set(paths.filter((path) => !OF_ITS_OWN.test(path)))).toEqual(keys);
    }
    expect(textsOf(hi).filter(([, text]) => text.trim() === '')).toEqual([]);
  });

  it('speaks of one as of one', () => {
    const counted =
      'seats|tickets|minutes|characters|screenings|bookings|drafts|templates|guests|rows|days|hours|events';
    // `1 of 1 seats` counts what there is, and the name of a file has the name of a show.
    const wrong = new RegExp(`(?<!\\bof )\\b1 (?:[a-z]+ ){0,2}(?:${counted}|megapixels)\\b(?!\\.[a-z])`);
    expect(textsOf(en).filter(([, text]) => wrong.test(text))).toEqual([]);
    expect(textsOf(hi).filter(([, text]) => /(?<![\d.]|में से )1 (?:सीटें|टिकटें|बची हैं|बुकिंगें)/.test(text))).toEqual([]);
  });

  it('is not left in English, except for names and signs', () => {
    const left = textsOf(hi).flatMap(([path, text]) =>
      (text.replaceAll(/<\/?\w+>|\S+@\S+|\.(pdf|csv)$/g, '').match(/[A-Za-z]{2,}/g) ?? []).map((word) => [path, word]),
    );
    expect(left.filter(([, word]) => !LATIN.has(word ?? ''))).toEqual([]);
    const same = textsOf(hi).filter(([, text]) => /\p{L}/u.test(text) && !/\p{Script=Devanagari}/u.test(text));
    expect(same.filter(([, text]) => !LATIN.has(text))).toEqual([]);
  });

  it('keeps the elements of a rich text', () => {
    const tags = (text: string) => [...text.matchAll(/<\/?\w+>/g)].map(([tag]) => tag).sort();
    const english = textsOf(en)
      .filter(([path]) => !OF_ITS_OWN.test(path))
      .map(([, text]) => tags(text));
    for (const texts of [hi, pseudo]) {
      const translated = textsOf(texts).filter(([path]) => !OF_ITS_OWN.test(path));
      expect(translated.map(([, text]) => tags(text))).toEqual(english);
    }
  });
});

it('a plural has the form and the digits of its language', () => {
  const english = plurals('en-IN');
  expect([0, 1, 2].map((n) => english(n, { one: '# seat', other: '# seats' }))).toEqual([
    '0 seats',
    '1 seat',
    '2 seats',
  ]);
  const hindi = plurals('hi-IN');
  // Hindi counts nothing like one.
  expect([0, 1, 2].map((n) => hindi(n, { one: '# सीट', other: '# सीटें' }))).toEqual(['0 सीट', '1 सीट', '2 सीटें']);
  expect(english(123_456, { other: '#' })).toBe('1,23,456');
  expect(hindi(123_456, { other: '#' })).toBe('1,23,456');
  expect(plurals('ar-EG')(3, { few: '# مقاعد', other: '# مقعد' })).toBe('٣ مقاعد');
});

it('names are sorted by value, and listed as in a sentence', () => {
  expect(['Screen 10', 'screen 2', 'Éden', 'Zenith'].sort(inOrder)).toEqual([
    'Éden',
    'screen 2',
    'Screen 10',
    'Zenith',
  ]);
  expect(listed(['A-1', 'A-2', 'A-3'])).toBe('A-1, A-2 and A-3');
  expect(listed(['A-1'])).toBe('A-1');
  expect(listed([])).toBe('');
});

it('elements stand where the text of a language puts them', () => {
  const parts = rich('Read <a>the rules</a> first.', { a: (words) => `[${words}]` });
  expect((parts as { props: { children: unknown } }[]).map(({ props }) => props.children)).toEqual([
    'Read ',
    '[the rules]',
    ' first.',
  ]);
});
