import { describe, expect, it } from 'vitest';

import type { Screening } from '../api/types';
import { addressOf, hasMore, headingOf, linesOf, pageOf, readOn, settingsFrom, type Page } from './listing';
import { tagOf } from './texts';

const VENUE = '01900000-0000-7000-8000-000000000001';
const SHOW = '01900000-0000-7000-8000-000000000002';
const SITE = 'https://tickets.example.org';
const NOW = Date.parse('2026-12-01T12:00:00Z');

function screening(values: Partial<Screening>): Screening {
  return {
    screening_id: 's1',
    show_title: 'Sakhi',
    venue_name: 'The Lantern',
    screen_name: 'Screen 2',
    city: 'Pune',
    timezone: 'Asia/Kolkata',
    starts_at: '2026-12-05T18:30:00+05:30',
    status: 'active',
    capacity: 100,
    available_seats: 50,
    ...values,
  } as Screening;
}

describe('the settings of a script', () => {
  it('are ids, a number, and the nearest language', () => {
    expect(settingsFrom({ venue: ` ${VENUE} `, limit: '3' }, 'en')).toEqual({
      venue: VENUE,
      show: null,
      shown: 3,
      language: 'en',
    });
    expect(settingsFrom({ venue: '../admin', limit: '1000' }, 'en')).toMatchObject({ venue: null, shown: 20 });
    for (const limit of ['0', '-2', 'many', undefined]) expect(settingsFrom({ limit }, 'en').shown).toBe(6);
    expect([tagOf(undefined, 'hi-IN'), tagOf('en', 'hi'), tagOf('fr', 'hi'), tagOf('', null)]).toEqual([
      'hi',
      'en',
      'hi',
      'en',
    ]);
  });

  it('lead to one public list', () => {
    const settings = settingsFrom({ venue: VENUE, show: SHOW, limit: '2' }, 'hi');
    const list = `${SITE}/api/v1/screenings?status=active&limit=22&venue_id=${VENUE}&show_id=${SHOW}`;
    expect(addressOf(SITE, settings, 22, null)).toBe(list);
    expect(addressOf(SITE, settings, 22, 'a=')).toBe(`${list}&cursor=a%3D`);
    expect(pageOf(SITE, settings)).toBe(`${SITE}/shows/${SHOW}?lang=hi`);
    expect(pageOf(SITE, settingsFrom({ venue: VENUE }, 'en'))).toBe(`${SITE}/venues/${VENUE}`);
  });
});

describe('the list', () => {
  const ofVenue = settingsFrom({ venue: VENUE, limit: '2' }, 'en');

  it('has what can still be booked, at the clock of the venue', () => {
    const running = screening({ screening_id: 'running', starts_at: '2026-12-01T17:00:00+05:30' });
    const off = screening({ screening_id: 'off', status: 'cancelled' });
    const many = ['a', 'b', 'c'].map((id) => screening({ screening_id: id }));
    const lines = linesOf(SITE, [running, off, ...many], ofVenue, NOW);
    expect(lines.map(({ id }) => id)).toEqual(['a', 'b']);
    expect(lines[0]).toMatchObject({ name: 'Sakhi', place: 'Screen 2', link: `${SITE}/screenings/a` });
    expect(lines[0]?.time).toMatch(/^Sat.*5 Dec.*6:30/);
    expect(headingOf(many, ofVenue)).toBe('Next screenings at The Lantern');
  });

  it('of a show names the houses, in the language of the page', () => {
    const ofShow = settingsFrom({ show: SHOW }, 'hi');
    const [line] = linesOf(SITE, [screening({})], ofShow, NOW);
    expect(line).toMatchObject({ name: 'The Lantern', place: 'Pune', link: `${SITE}/screenings/s1?lang=hi` });
    expect(line?.time).toMatch(/5 दिस/);
    expect(headingOf([screening({})], ofShow)).toBe('Sakhi के अगले शो');
  });

  it('says how much is left', () => {
    const left = [50, 14, 0].map((available_seats) => linesOf(SITE, [screening({ available_seats })], ofVenue, NOW)[0]);
    expect(left.map((line) => [line?.state, line?.left, line?.action])).toEqual([
      ['free', 'Seats available', 'Choose seats'],
      ['few', '14 left', 'Choose seats'],
      ['none', 'Sold out', 'Waiting list'],
    ]);
  });
});

describe('reading on', () => {
  const running = (count: number) =>
    Array.from({ length: count }, (_, at) =>
      screening({ screening_id: `running-${String(at)}`, starts_at: '2026-12-01T17:00:00+05:30' }),
    );
  const later = (count: number) =>
    Array.from({ length: count }, (_, at) => screening({ screening_id: `later-${String(at)}` }));

  /** The list of the API: cursors are positions. */
  function api(list: readonly Screening[]) {
    const asked: number[] = [];
    const read = (limit: number, cursor: string | null): Promise<Page> => {
      asked.push(limit);
      const from = Number(cursor ?? 0);
      const end = from + limit;
      return Promise.resolve({
        items: list.slice(from, end),
        next_cursor: end < list.length ? String(end) : null,
      });
    };
    return { asked, read };
  }

  const ofShow = settingsFrom({ show: SHOW }, 'en');
  const idsOf = (screenings: readonly Screening[], shown?: number) =>
    linesOf(SITE, screenings, ofShow, NOW, shown).map(({ id }) => id);

  it('passes over a show that runs on more screens than one page has', async () => {
    const { asked, read } = api([...running(150), ...later(8)]);
    const part = await readOn(read, null, 6, NOW);
    expect(idsOf(part.screenings)).toEqual(['later-0', 'later-1', 'later-2', 'later-3', 'later-4', 'later-5']);
    expect(asked).toEqual([26, 100, 100]);
    expect(hasMore(part, 6, NOW)).toBe(true);
    expect(hasMore(part, 8, NOW)).toBe(false);
  });

  it('asks once where few are running, and says when nothing is left', async () => {
    const { asked, read } = api([...running(3), ...later(2)]);
    const part = await readOn(read, null, 6, NOW);
    expect(idsOf(part.screenings)).toEqual(['later-0', 'later-1']);
    expect(asked).toEqual([26]);
    expect(hasMore(part, 6, NOW)).toBe(false);
  });

  it('goes on where it stopped, and asks nothing for what is there already', async () => {
    const { asked, read } = api([...running(20), ...later(40)]);
    const first = await readOn(read, null, 6, NOW);
    expect(hasMore(first, 6, NOW)).toBe(true);
    const second = await readOn(read, first, 12, NOW);
    expect(asked).toEqual([26, 26]);
    expect(idsOf(second.screenings, 12)).toEqual(later(12).map(({ screening_id }) => screening_id));
    await readOn(read, second, 18, NOW);
    expect(asked).toEqual([26, 26]);
  });

  it('stops after ten pages, and shows no more than a hundred', async () => {
    const { asked, read } = api(running(2_000));
    await readOn(read, null, 6, NOW);
    expect(asked).toHaveLength(10);
    const many = await readOn(api(later(300)).read, null, 100, NOW);
    expect(hasMore(many, 94, NOW)).toBe(true);
    expect(hasMore(many, 100, NOW)).toBe(false);
  });
});

it('a time names its city where the clock of the reader differs', () => {
  const settings = settingsFrom({ venue: VENUE }, 'en');
  const timeFor = (east: number) => linesOf(SITE, [screening({})], settings, NOW, 6, () => east)[0]?.time;
  expect(timeFor(330)).not.toContain('Pune');
  expect(timeFor(0)).toContain('(Pune time)');
  const [line] = linesOf(
    SITE,
    [screening({ available_seats: 1 })],
    settingsFrom({ venue: VENUE }, 'hi'),
    NOW,
    6,
    () => 0,
  );
  expect([line?.left, line?.time]).toEqual(['1 बची है', expect.stringContaining('(Pune का समय)')]);
});
