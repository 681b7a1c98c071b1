import { describe, expect, it } from 'vitest';

import type { SearchAnswer, Show, Suggestions } from '../api/types';
import { drawPoster, setTitle } from '../design/poster-art';
import '../i18n/for-tests';
import hindi from '../i18n/hi';
import english from '../i18n/en';
import { setTexts } from '../i18n/texts';
import { marked, matches } from './matching';
import { categoryName } from './names';
import { cityMeant, entriesOf } from './suggestions';
import { byPlace } from './city';
import { daysOf } from './day-strip';
import { onAndSoon, soonestFirst } from './order';

describe('search without an index', () => {
  it('tolerates a typo, partial words and accents', () => {
    expect(matches('harbor', 'Harbour Lights, Second Shift')).toBeGreaterThan(0);
    expect(matches('jruy clocks', 'A Jury of Clocks')).toBeGreaterThan(0);
    expect(matches('maisn', "La Maison d'en face")).toBeGreaterThan(0);
    expect(matches('marm', 'Marmalade')).toBeGreaterThan(0.9);
    expect(matches('theo', 'Théo')).toBe(1);
  });

  it('requires every word', () => {
    expect(matches('paper trains', 'Paper Planets')).toBe(0);
    expect(matches('', 'Paper Planets')).toBe(0);
  });

  it('marks the matched beginning of a word, or the whole word if it has a typo', () => {
    const hits = (text: string, query: string) =>
      marked(text, query)
        .filter((part) => part.hit)
        .map((part) => part.text);
    expect(hits('A Jury of Clocks', 'jury')).toEqual(['Jury']);
    expect(hits('Marmalade', 'marm')).toEqual(['Marm']);
    expect(hits('Marmalade', 'marmelade')).toEqual(['Marmalade']);
    expect(hits('Théo, again', 'theo ag')).toEqual(['Théo', 'ag']);
    expect(
      marked('Paper Trains', 'pa')
        .map((part) => part.text)
        .join(''),
    ).toBe('Paper Trains');
  });
});

describe('suggestions', () => {
  const show = (show_id: string, title: string): Show => ({
    show_id,
    title,
    description: '',
    duration_minutes: 100,
    language: 'Hindi',
    genres: [],
    status: 'active',
    cities: [],
    people: [],
  });
  const suggested: Suggestions = {
    titles: [{ show_id: '1', title: 'Monsoon' }],
    venues: [{ venue_id: '7', name: 'Moon Hall', city: 'Pune' }],
    cities: [{ city: 'Mumbai' }],
  };

  const nothing = { corrections: [], elsewhere: { shows: [], venues: [] } };

  it('list a show once, with its poster once the search has returned it', () => {
    const answer: SearchAnswer = {
      ...nothing,
      query: 'mo',
      city: null,
      shows: [
        { ...show('1', 'Monsoon'), score: 2 },
        { ...show('2', 'Moth'), score: 1 },
      ],
      venues: [],
    };
    const entries = entriesOf('mo', suggested, answer);
    expect(entries.map(({ kind, title }) => `${kind} ${title}`)).toEqual([
      'show Monsoon',
      'show Moth',
      'venue Moon Hall',
      'city Mumbai',
    ]);
    expect(entries[0]?.show?.language).toBe('Hindi');
  });

  it('put a city first if it is being typed or was recognised', () => {
    expect(cityMeant('mumbay', { ...suggested, titles: [] })).toBe('Mumbai');
    expect(cityMeant('Mumbai', suggested)).toBe('Mumbai');
    expect(cityMeant('mum', suggested)).toBeNull();
    expect(entriesOf('mum', suggested, undefined)[0]?.to).toBe('/shows?city=Mumbai');
    const bombay: SearchAnswer = { ...nothing, query: 'bombay', city: 'Mumbai', shows: [], venues: [] };
    expect(entriesOf('bombay', undefined, bombay).map(({ title }) => title)).toEqual(['Mumbai']);
  });
});

describe('drawn posters', () => {
  it('are the same every time', () => {
    expect(drawPoster('Marmalade', ['Play'])).toEqual(drawPoster('Marmalade', ['Play']));
  });

  it('fit any title', () => {
    for (const title of [
      'M',
      'Harbour Lights, Second Shift',
      'Donaudampfschifffahrtsgesellschaftskapitän',
      'a '.repeat(90),
      '',
    ]) {
      const { lines, size, floor } = drawPoster(title, []);
      expect(lines.join(' ').length, title).toBeGreaterThanOrEqual(title.trim().length);
      expect(size).toBeGreaterThan(0);
      expect(floor).toBeGreaterThan(200);
    }
  });

  it('break lines where it makes the letters larger', () => {
    expect(setTitle('THE QUIET FLOOR', 'narrow', 264, 116).lines.length).toBeGreaterThan(1);
    expect(setTitle('GANGWAY', 'narrow', 264, 116).lines).toEqual(['GANGWAY']);
  });
});

describe('the days of a show', () => {
  it('are a week at least, and reach every screening however far ahead', () => {
    expect(daysOf(new Set(), '2026-11-29')).toHaveLength(7);
    const days = daysOf(new Set(['2026-12-02', '2027-01-03', '2027-02-14']), '2026-11-29');
    expect(days).toHaveLength(28 + 2);
    expect(days.slice(-2)).toEqual(['2027-01-03', '2027-02-14']);
    expect(days[27]).toBe('2026-12-26');
  });
});

it('a search lists the shows of the chosen city apart from those elsewhere', () => {
  const shows = [
    { title: 'Vichhora Chowk', cities: ['Delhi'] },
    { title: 'Horror', cities: ['Delhi', 'Mumbai'] },
  ];
  expect(byPlace(shows, 'Mumbai')).toEqual({ here: [shows[1]], elsewhere: [shows[0]] });
  expect(byPlace(shows, null).elsewhere).toHaveLength(2);
});

describe('the order of shows', () => {
  const one = (title: string, next_screening_at: string | null, genres = ['Drama']) =>
    ({ title, next_screening_at, genres }) as Show;

  it('begins with what is on next, and ends with what has no dates', () => {
    const shows = [one('B', null), one('A', '2026-12-02T10:00:00Z'), one('C', '2026-12-01T10:00:00Z'), one('D', null)];
    expect(soonestFirst(shows).map(({ title }) => title)).toEqual(['C', 'A', 'B', 'D']);
  });

  it('parts films and plays of the next days from what comes later', () => {
    const inHours = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString();
    const { films, plays, soon } = onAndSoon([
      one('Later', inHours(24 * 9)),
      one('Play', inHours(2), ['Play']),
      one('Film', inHours(3)),
      one('Never', null),
    ]);
    expect([films, plays, soon].map((list) => list.map(({ title }) => title))).toEqual([['Film'], ['Play'], ['Later']]);
  });
});

describe('the name of a category', () => {
  it('is written as people write it', () => {
    expect(['premium-recliner', 'front_row  seats', 'vip', 'Royal Box'].map(categoryName)).toEqual([
      'Premium recliner',
      'Front row seats',
      'VIP',
      'Royal Box',
    ]);
  });

  it('is translated as a whole, or not at all', () => {
    setTexts(hindi);
    const names = ['gold', 'premium-recliner', 'premium-lounge'].map(categoryName);
    setTexts(english);
    expect(names).toEqual(['गोल्ड', 'प्रीमियम रिक्लाइनर', 'Premium lounge']);
  });
});
