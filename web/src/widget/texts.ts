/** The texts of the widget. It loads no other file, so the catalogue of the app is not here. */

interface Texts {
  /** Of numbers and dates. */
  locale: string;
  next: string;
  at: (venue: string) => string;
  of: (show: string) => string;
  loading: string;
  none: string;
  more: string;
  failed: string;
  again: string;
  free: string;
  left: (seats: number) => string;
  /** Beside a time, for readers whose clock differs. */
  clockOf: (city: string) => string;
  soldOut: string;
  choose: string;
  wait: string;
  newTab: string;
  all: string;
  wrong: string;
}

const en: Texts = {
  locale: 'en-IN',
  next: 'Next screenings',
  at: (venue) => `Next screenings at ${venue}`,
  of: (show) => `Next screenings of ${show}`,
  loading: 'Loading…',
  none: 'No screenings are on sale at the moment.',
  more: 'Show more',
  failed: 'The screenings cannot be loaded at the moment.',
  again: 'Try again',
  free: 'Seats available',
  left: (seats) => `${seats.toLocaleString('en-IN')} left`,
  clockOf: (city) => `${city} time`,
  soldOut: 'Sold out',
  choose: 'Choose seats',
  wait: 'Waiting list',
  newTab: 'opens in a new tab',
  all: 'All dates and times',
  wrong: 'This widget has no venue and no show.',
};

const hi: Texts = {
  locale: 'hi-IN',
  next: 'अगले शो',
  at: (venue) => `${venue} में अगले शो`,
  of: (show) => `${show} के अगले शो`,
  loading: 'लोड हो रहा है…',
  none: 'अभी किसी शो के टिकट नहीं मिल रहे हैं।',
  more: 'और दिखाएँ',
  failed: 'शो की जानकारी अभी लोड नहीं हो पा रही है।',
  again: 'फिर कोशिश करें',
  free: 'सीटें उपलब्ध हैं',
  left: (seats) => (seats === 1 ? '1 बची है' : `${seats.toLocaleString('hi-IN')} बची हैं`),
  clockOf: (city) => `${city} का समय`,
  soldOut: 'सभी टिकट बिक गए',
  choose: 'सीटें चुनें',
  wait: 'वेटिंग लिस्ट',
  newTab: 'नए टैब में खुलेगा',
  all: 'सभी तारीखें और समय',
  wrong: 'इस विजेट में न थिएटर बताया गया है, न शो।',
};

const TEXTS = { en, hi };
export type Tag = keyof typeof TEXTS;

export function textsIn(tag: Tag): Texts {
  return TEXTS[tag];
}

/** The first of some language tags that the widget speaks, such as `hi` for `hi-IN`; English if there is none. */
export function tagOf(...tags: (string | null | undefined)[]): Tag {
  const known = tags.map((tag) => tag?.trim().toLowerCase().split('-')[0]).find((tag) => tag === 'en' || tag === 'hi');
  return known ?? 'en';
}
