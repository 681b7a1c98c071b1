import { describe, expect, it } from 'vitest';

import type { City, Screening, SearchAnswer, Show, Suggestions, Venue } from '../api/types';
import { drawPoster, setTitle } from '../design/poster-art';
import '../i18n/for-tests';
import hindi from '../i18n/hi';
import english from '../i18n/en';
import { setTexts } from '../i18n/texts';
import { marked, matches } from './matching';
import { categoryName, screenName } from './names';
import { cityMeant, entriesOf } from './suggestions';
import { byPlace, cityNamed, cityOf } from './city';
import { daysOf, weekOf } from './day-strip';
import { onAndSoon, soonestFirst } from './order';
import { cheapest } from './time-chip';
import { answerOf, withTimesOf } from './use-search';
import { nextTime, zoneOf } from './zones';

describe('search without an index', () => {
  it('tolerates a typo, partial words and accents', () => {
    expect(matches('harbor', 'Harbour Lights, Second Shift')).toBeGreaterThan(0);
    expect(matches('jruy clocks', 'A Jury of Clocks')).toBeGreaterThan(0);
    expect(matches('maisn', "La Maison d'en face")).toBeGreaterThan(0);
    expect(matches('marm', 'Marmalade')).toBeGreaterThan(0.9);
    expect(matches('theo', 'Théo')).toBe(1);
  });

  it('finds initials, symbols, digits and what is written together, as the index does', () => {
    for (const [query, title] of [
      ['et', 'E.T.'],
      ['e t', 'E.T.'],
      ['kgf 2', 'K.G.F: Chapter 2'],
      ['mash', 'M*A*S*H'],
      ['so satyamurthy', 'S/O Satyamurthy'],
      ['2.0', '2.0'],
      ['911', 'Fahrenheit 9/11'],
      ['spiderman', 'Spider-Man: Far Enough'],
      ['spider man', 'Spider-Man: Far Enough'],
      ['cmon cmon', 'C’mon C’mon'],
      ['pink and blue', 'Pink & Blue'],
      ['???', '???'],
      ['地球', '流浪地球'],
      ['พระ', 'พี่มากพระโขนง'],
      ['हिंदी', 'हिन्दी मीडियम'],
      ['जिंदगी', 'ज़िन्दगी गुलज़ार'],
      ['चांद', 'चाँद का टुकड़ा'],
      ['e\u0301te\u0301', 'Été à Pondichéry'],
    ] as const)
      expect(matches(query, title), `${query} in ${title}`).toBeGreaterThan(0.8);
    // Vowel signs tell words apart.
    expect(matches('दल', 'दिल')).toBe(0);
    expect(matches('rrr', 'R.R.R.')).toBe(1);
  });

  it('looks in the chosen city first, and names what matches elsewhere', () => {
    const show = (title: string, cities: string[]) =>
      ({ show_id: title, title, cities, people: [], genres: [], status: 'active' }) as unknown as Show;
    const venue = (name: string, city: string) => ({ venue_id: name, name, city }) as Venue;
    const cities = [
      { name: 'Bengaluru', names: ['Bangalore', 'bangalore'], venues: 2, shows: 1 },
      { name: 'Delhi', venues: 1, shows: 1 },
    ];
    const shows = [show('Monsoon', ['Bengaluru']), show('Monsoon Wedding', ['Delhi']), show('Monsoon over', [])];
    const venues = [venue('Monsoon Hall', 'Bangalore'), venue('Monsoon House', 'Delhi')];
    const answer = answerOf('monsoon', 'Bengaluru', shows, venues, cities);
    const titles = (list: readonly { title: string }[]) => list.map(({ title }) => title);
    const names = (list: readonly { name: string }[]) => list.map(({ name }) => name);
    expect([titles(answer.shows), titles(answer.elsewhere.shows)]).toEqual([['Monsoon'], ['Monsoon Wedding']]);
    expect([names(answer.venues), names(answer.elsewhere.venues)]).toEqual([['Monsoon Hall'], ['Monsoon House']]);
    const everywhere = answerOf('bangalore', null, shows, venues, cities);
    expect([everywhere.city, titles(everywhere.shows)]).toEqual(['Bengaluru', ['Monsoon']]);
    expect(everywhere.elsewhere.shows).toEqual([]);
  });

  it('has the times of the city below its name', () => {
    const show = (show_id: string, next_screening_at: string) => ({ show_id, next_screening_at }) as unknown as Show;
    const anywhere = [show('a', '2026-12-01T05:40:00Z'), show('b', '2026-12-01T07:05:00Z')];
    const timed = withTimesOf(anywhere, [show('a', '2026-12-03T09:45:00Z'), show('c', '2026-12-01T01:00:00Z')]);
    expect(timed.map(({ next_screening_at }) => next_screening_at)).toEqual([
      '2026-12-03T09:45:00Z',
      '2026-12-01T07:05:00Z',
    ]);
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

describe('the lowest price of a screening', () => {
  const inr = (rupees: number) => ({ amount_minor: rupees * 100, currency: 'INR' });
  const from = (prices: object, ticket_types: object = {}) =>
    (cheapest({ prices, ticket_types } as unknown as Screening)?.amount_minor ?? -100) / 100;

  it('is one that a customer without a condition can pay', () => {
    const companion = { companion: { needs_accessible: true, needs_type: null } };
    expect(from({ gold: { adult: inr(400), child: inr(200), companion: inr(0) } }, companion)).toBe(400);
    expect(from({ gold: { adult: inr(400), companion: inr(0) }, silver: inr(250) }, companion)).toBe(250);
    expect(from({ gold: { standard: inr(300), senior: inr(150) } })).toBe(300);
    expect(from({ gold: { solo: inr(300), carer: inr(50) } }, { carer: { needs_type: 'solo' } })).toBe(300);
    // A house's own names are as good as any.
    expect(from({ gold: { evening: inr(300), early: inr(180), student: inr(90) } })).toBe(180);
  });

  it('counts conditional prices where there are no others, and free ones where all is free', () => {
    expect(from({ gold: { child: inr(120), senior: inr(150) } })).toBe(120);
    expect(from({ gold: { evening: inr(300), press: inr(0) } })).toBe(300);
    expect(from({ gold: { adult: inr(0), student: inr(80) } })).toBe(0);
    expect(from({ gold: inr(0), silver: { adult: inr(0), child: inr(0) } })).toBe(0);
    expect(from({})).toBe(-1);
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

describe('the days of a venue', () => {
  it('are turned by the week, and the address needs the day only', () => {
    const first = weekOf('2026-11-29', '2026-12-05');
    expect([first.days[0], first.days[6]]).toEqual(['2026-11-29', '2026-12-05']);
    expect([first.before, first.after]).toEqual([null, '2026-12-06']);
    const second = weekOf('2026-11-29', '2026-12-06');
    expect([second.days[0], second.days[6]]).toEqual(['2026-12-06', '2026-12-12']);
    expect([second.before, second.after]).toEqual(['2026-11-29', '2026-12-13']);
    expect(weekOf('2026-11-29', '2026-12-12')).toEqual(second);
  });

  it('begin today if the address has a day of the past, and end after a year', () => {
    expect(weekOf('2026-11-29', '2026-11-01')).toEqual(weekOf('2026-11-29', '2026-11-29'));
    const last = weekOf('2026-11-29', '2027-11-28');
    expect([last.days[0], last.before, last.after]).toEqual(['2027-11-28', '2027-11-21', null]);
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

describe('a city', () => {
  const cities: City[] = [
    { name: 'Bengaluru', names: ['Bangalore', 'ಬೆಂಗಳೂರು'], timezones: ['Asia/Kolkata'], venues: 2, shows: 3 },
    { name: 'London', timezones: ['America/Toronto', 'Europe/London'], venues: 2, shows: 9 },
    { name: 'Old', venues: 1, shows: 1 },
  ];

  it('is one under all its names', () => {
    for (const name of ['Bengaluru', 'bangalore', ' BANGALORE ', 'ಬೆಂಗಳೂರು'])
      expect(cityNamed(cities, name)?.name, name).toBe('Bengaluru');
    expect(cityNamed(cities, 'Mangalore')).toBeUndefined();
    expect(cityNamed(cities, null)).toBeUndefined();
    // The city of an account may have another spelling than the list.
    expect(cityOf(cities, 'Bangalore', null)).toBe('Bengaluru');
    expect(cityOf(cities, 'Atlantis', null)).toBe('London');
  });

  it('has a day of its own, unless distant cities share its name', () => {
    expect(zoneOf(cities, 'Bengaluru')).toBe('Asia/Kolkata');
    expect(zoneOf(cities, 'London')).toBeUndefined();
    expect(zoneOf(cities, 'Old')).toBeUndefined();
    expect(zoneOf(cities, null)).toBeUndefined();
  });

  it('shows the next time in the zone of its screening', () => {
    const show = (zone: string | undefined, places: string[]) =>
      ({
        cities: places,
        status: 'active',
        next_screening_at: '2030-12-04T00:00:00Z',
        ...(zone && { next_screening_timezone: zone }),
      }) as unknown as Show;
    expect(nextTime(show('America/Toronto', ['London']))).toBe('Tue, 3 Dec 2030, 7:00 pm');
    expect(nextTime(show('Asia/Kolkata', ['Pune', 'London']), 'Pune')).toBe('Wed, 4 Dec 2030, 5:30 am');
    expect(nextTime(show('Asia/Kolkata', ['Pune', 'London']))).toBe('Wed, 4 Dec 2030');
  });
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
    const names = ['gold', 'premium-recliner', 'premium-lounge', 'front stalls', 'constructor'].map(categoryName);
    setTexts(english);
    expect(names).toEqual(['गोल्ड', 'प्रीमियम रिक्लाइनर', 'Premium lounge', 'Front stalls', 'Constructor']);
  });

  it('of a screen is translated as a whole, with its number, or stays as the house typed it', () => {
    setTexts(hindi);
    const names = ['Screen 2', 'Main hall', 'AUDI 10', 'Stage'].map(screenName);
    const own = ['Main house', 'Gold Class 1', 'Hall of Mirrors', 'Screen 2 IMAX', 'The Studio', '7', ''];
    const kept = own.map(screenName);
    setTexts(english);
    expect(names).toEqual(['स्क्रीन 2', 'मुख्य हॉल', 'ऑडी 10', 'मंच']);
    expect(kept).toEqual(own);
    expect(['Main hall', 'Screen 2'].map(screenName)).toEqual(['Main hall', 'Screen 2']);
  });
});
