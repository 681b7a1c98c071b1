/**
 * The reader's language. `public/start.js` decides it before anything is painted, because it also loads the language's
 * texts ahead: the one that was chosen, else the first of the browser's that exists here, else English.
 */

import { setTexts, type Texts } from './texts';
import { addWorkTexts, type Part, type WorkTexts } from './work/texts';

/** Texts of the pages for people who work for the house, by the part that is loaded with them. */
type Work = { [P in Part]: () => Promise<{ default: WorkTexts[P] }> };

interface Language {
  /** In the language itself. */
  name: string;
  /** Of numbers, amounts, dates and sorting. */
  locale: string;
  load: () => Promise<{ default: Texts }>;
  work: Work;
}

export const LANGUAGES = {
  en: {
    name: 'English',
    locale: 'en-IN',
    load: () => import('./en'),
    work: {
      door: () => import('./work/en/door'),
      house: () => import('./work/en/house'),
      programme: () => import('./work/en/programme'),
      office: () => import('./work/en/office'),
    },
  },
  hi: {
    name: 'हिन्दी',
    locale: 'hi-IN',
    load: () => import('./hi'),
    work: {
      door: () => import('./work/hi/door'),
      house: () => import('./work/hi/house'),
      programme: () => import('./work/hi/programme'),
      office: () => import('./work/hi/office'),
    },
  },
} as const satisfies Record<string, Language>;

export type LanguageTag = keyof typeof LANGUAGES;

/** English with accents, from right to left: shows in `?lang=ar-XB` what has no translation, or no room for one. */
export const PSEUDO: Language = {
  name: 'Pseudo',
  locale: 'en-IN',
  load: () => import('./ar-XB'),
  work: {
    door: () => import('./work/ar-XB/door'),
    house: () => import('./work/ar-XB/house'),
    programme: () => import('./work/ar-XB/programme'),
    office: () => import('./work/ar-XB/office'),
  },
};

const KEY = 'ticketshow.language';

function isLanguage(tag: string): tag is LanguageTag {
  return Object.hasOwn(LANGUAGES, tag);
}

/** Tag of the language of this document. */
export function languageTag(): LanguageTag {
  const tag = globalThis.document?.documentElement.lang ?? 'en';
  return isLanguage(tag) ? tag : 'en';
}

function language(): Language {
  return globalThis.document?.documentElement.lang === 'ar-XB' ? PSEUDO : LANGUAGES[languageTag()];
}

/** Locale of numbers, amounts, dates and sorting. */
export function locale(): string {
  return language().locale;
}

/** Fetches the texts. Nothing may be rendered before. */
export async function loadTexts(): Promise<void> {
  setTexts((await language().load()).default);
}

/** Fetches the texts of a part of the pages for people who work for the house. None of them may be rendered before. */
export async function loadWorkTexts(part: Part): Promise<void> {
  addWorkTexts((await language().work[part]()).default);
}

/** Changes the language, which starts the app again. */
export function chooseLanguage(tag: LanguageTag): void {
  const here = new URL(window.location.href);
  here.searchParams.delete('lang');
  try {
    localStorage.setItem(KEY, tag);
  } catch {
    // Without storage the choice lasts until the next one or a reload elsewhere.
    here.searchParams.set('lang', tag);
  }
  // A changed fragment alone would not load the page again.
  window.history.replaceState(window.history.state, '', here);
  window.location.reload();
}

const collators = new Map<string, Intl.Collator>();

/** Compares two names as readers of this language sort them, and numbers in them by their value. */
export function inOrder(a: string, b: string): number {
  let collator = collators.get(locale());
  if (!collator) {
    collator = new Intl.Collator(locale(), { numeric: true });
    collators.set(locale(), collator);
  }
  return collator.compare(a, b);
}

/** `A-1, A-2 and A-3`. */
export function listed(words: readonly string[]): string {
  return new Intl.ListFormat(locale(), { type: 'conjunction' }).format(words);
}
