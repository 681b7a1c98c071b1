import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

import type { PastEvent, SeatMap } from '../api/types';
import { axisOf, dragged, firstInSight, freeHours, inUse, minuteOf, placeOf } from './schedule/board';
import { daysOf, groupName, growth, presetOf, PRESETS, type SalesRow } from './money/periods';
import { ofToday, salesCsv, totals } from './money/sales';
import { circumstances, happened } from './system/happened';
import { processName } from './system/names';
import { emptied, seatsOf } from './system/past-seats';
import { adviceOn, flawOfFile, flawOfSize } from './catalogue/picture';
import { clash, clockFlaw, isOpenAt, slotsOf, timesOf, troubleAt, troublesOf, unreadTimes } from './schedule/series';
import { w } from '../i18n/work/texts';
import document from '../../openapi.json';
import { actionName, dayBounds, outcomeName } from './people/audit-words';

/** A show on a screen that needs no cleaning. */
const whole = (minutes: number) => ({ minutes, turnaround: 0 });

describe('a series', () => {
  const series = {
    from: '2026-11-27',
    until: '2026-12-03',
    weekdays: [5, 6],
    times: '21:15, 18.30',
    timezone: 'Asia/Kolkata',
  };

  it('has each time of each chosen day, in order', () => {
    expect(slotsOf(series).map((slot) => slot.starts_at)).toEqual([
      '2026-11-27T18:30:00+05:30',
      '2026-11-27T21:15:00+05:30',
      '2026-11-28T18:30:00+05:30',
      '2026-11-28T21:15:00+05:30',
    ]);
  });

  it('waits for a date that is being typed', () => {
    expect(slotsOf({ ...series, from: '' })).toEqual([]);
  });

  it('is not in its own way unseen', () => {
    const slots = slotsOf({ ...series, until: '2026-11-27', times: '18:00, 19:00, 20:00' });
    const house = { opens_at: '09:00', closes_at: '01:00', timezone: series.timezone };
    const troubles = troublesOf(
      slots,
      { title: 'Marmalade', duration_minutes: 90, turnaround: 0 },
      house,
      [],
      Date.parse('2026-11-20T00:00:00Z'),
    );
    // The second cannot begin during the first; the third can, as the second is left out.
    expect([...troubles]).toEqual([['2026-11-27T19:00:00+05:30', 'Marmalade is on from 18:00']]);
  });

  it('is never endless', () => {
    expect(slotsOf({ ...series, until: '9999-01-01', weekdays: [0, 1, 2, 3, 4, 5, 6] })).toHaveLength(200);
  });

  it('reads times as people write them', () => {
    expect(timesOf('9, 18:30 21.15, 25:00, 12:99, noon')).toEqual(['09:00', '18:30', '21:15']);
    expect(unreadTimes('9, 18:30 21.15, 25:00, 12:99, noon')).toEqual(['25:00', '12:99', 'noon']);
  });

  it('sees what is in the way, and not what only touches', () => {
    const taken = [
      { starts_at: '2026-11-27T18:00:00+05:30', ends_at: '2026-11-27T20:00:00+05:30', show_title: 'Marmalade' },
    ];
    expect(clash('2026-11-27T19:59:00+05:30', whole(90), taken)?.show_title).toBe('Marmalade');
    expect(clash('2026-11-27T20:00:00+05:30', whole(90), taken)).toBeUndefined();
    expect(clash('2026-11-27T16:30:00+05:30', whole(90), taken)).toBeUndefined();
    expect(clash('2026-11-27T16:31:00+05:30', whole(90), taken)?.show_title).toBe('Marmalade');
  });

  it('leaves time for cleaning before and after', () => {
    const taken = [
      { starts_at: '2026-11-27T18:00:00+05:30', ends_at: '2026-11-27T20:00:00+05:30', show_title: 'Marmalade' },
    ];
    const cleaned = { minutes: 90, turnaround: 15 };
    expect(clash('2026-11-27T20:14:00+05:30', cleaned, taken)?.show_title).toBe('Marmalade');
    expect(clash('2026-11-27T20:15:00+05:30', cleaned, taken)).toBeUndefined();
    expect(clash('2026-11-27T16:15:00+05:30', cleaned, taken)).toBeUndefined();
    expect(clash('2026-11-27T16:16:00+05:30', cleaned, taken)?.show_title).toBe('Marmalade');
    const house = { opens_at: '09:00', closes_at: '01:00', timezone: series.timezone };
    const slot = { day: '2026-11-27', time: '20:10', starts_at: '2026-11-27T20:10:00+05:30' };
    expect(troubleAt(slot, cleaned, house, taken, 0)).toBe(
      'Marmalade is on from 18:00, and the screen is cleaned for 15 minutes',
    );
  });

  it('knows opening hours past midnight', () => {
    expect(isOpenAt('23:00', 120, '09:00', '01:30')).toBe(true);
    expect(isOpenAt('23:45', 120, '09:00', '01:30')).toBe(false);
    expect(isOpenAt('08:59', 60, '09:00', '01:30')).toBe(false);
    expect(isOpenAt('00:15', 60, '09:00', '01:30')).toBe(true);
    // Round the clock.
    expect(isOpenAt('23:00', 120, '00:00', '00:00')).toBe(true);
    expect(isOpenAt('05:00', 120, '06:00', '06:00')).toBe(true);
  });
});

describe('a typed time on the day of a clock change', () => {
  it('is wrong if it does not exist, and said to be the first if it comes twice', () => {
    const zone = 'America/New_York';
    expect(clockFlaw('2027-03-14', '02:30', zone)).toEqual({ error: w.schedule.clocksForward });
    expect(clockFlaw('2026-11-01', '01:30', zone)).toEqual({ hint: w.schedule.clocksBack });
    expect(clockFlaw('2026-11-01', '01:30', zone, '2026-11-01T01:30:00-04:00').hint).toBe(w.schedule.clocksBack);
    // A screening in the second of the two hours stays there.
    expect(clockFlaw('2026-11-01', '01:30', zone, '2026-11-01T01:30:00-05:00')).toEqual({});
    expect(clockFlaw('2026-11-01', '12:00', zone)).toEqual({});
    expect(clockFlaw('', '12:00', zone)).toEqual({});
  });
});

describe('the past of a seat map', () => {
  const seat = (name: string) => ({
    seat: name,
    status: 'sold' as const,
    accessible: false,
    price: { amount_minor: 1, currency: 'INR' },
  });
  const map: SeatMap = {
    screening_id: 's',
    position: 9,
    rows: [{ label: 'A', category: 'gold', aisles_after: [], seats: [seat('A-1'), seat('A-2')] }],
  };
  const event = (type: string, seats: string[]): PastEvent => ({
    version: 1,
    position: 1,
    type,
    time: '2026-11-27T00:00:00Z',
    actor: 'system',
    correlation_id: 'c',
    data: { seats } as unknown as PastEvent['data'],
  });
  const events = [
    event('screening_opened', []),
    event('seats_reserved', ['A-1', 'A-2']),
    event('seats_sold', ['A-1', 'A-2']),
    event('seats_released', ['A-2']),
  ];

  it('is free and nobody’s before the first event', () => {
    expect(emptied(map).rows[0]?.seats.map(({ status }) => status)).toEqual(['free', 'free']);
  });

  it('has seats that each event touched', () => {
    expect(events.map(seatsOf)).toEqual([[], ['A-1', 'A-2'], ['A-1', 'A-2'], ['A-2']]);
  });
});

describe('what happened', () => {
  it('is said in words', () => {
    expect(happened('screening', 'seats_reserved')).toBe('Seats held');
    expect(happened('screening', 'admission_conflicted')).toBe(
      'Guest admitted with a ticket that was used before, or void',
    );
    // Of a newer version than this page.
    expect(happened('screening', 'seats_repainted')).toBe(w.history.unknown);
    expect(happened('usher', 'usher_hired')).toBe(w.history.unknown);
  });

  it('has words for every event of the log', () => {
    // Each event has at least one golden file: domain/tests/golden/main.rs.
    const folder = '../domain/tests/golden';
    const aggregates = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    const types = aggregates.flatMap(({ name }) =>
      readdirSync(`${folder}/${name}`).map((file) => {
        const { type } = JSON.parse(readFileSync(`${folder}/${name}/${file}`, 'utf8')) as { type: string };
        return [name, type] as const;
      }),
    );
    expect(types.length).toBeGreaterThan(100);
    expect(types.filter(([aggregate, type]) => happened(aggregate, type) === w.history.unknown)).toEqual([]);
  });

  it('comes with its seats, its amount and its cause, and with no id', () => {
    const event = (actor: string, data: object): PastEvent => ({
      version: 1,
      position: 1,
      type: 'seats_reserved',
      time: '2026-11-27T00:00:00Z',
      actor,
      correlation_id: 'c',
      data: data as PastEvent['data'],
    });
    const id = '01900000-0000-7000-8000-000000000006';
    const amount = { amount_minor: 50_000, currency: 'INR' };
    const reserved = event(`user:${id}`, { booking: id, seats: ['B-1', 'A-1'], amount });
    expect(circumstances(reserved)).toBe('A-1, B-1 · ₹500 · By a person');
    expect(circumstances(event('saga:payment', { seat: 'A-1' }))).toBe('A-1 · Automatically');
    expect(circumstances(event('system', {}))).toBe('When the server started');
    const priced = { seats: [{ seat: 'A-1', price_minor: 1 }], amount: null };
    expect(circumstances(event(`saga:${id}`, priced))).toBe('Automatically');
    const many = Array.from({ length: 13 }, (_, n) => `A-${String(n + 1)}`);
    expect(circumstances(event('system', { seats: many }))).toContain('A-12 … ·');
  });
});

it('has words for every process whose steps can fail', () => {
  const subjects = readFileSync('../nats/src/subjects.rs', 'utf8');
  const [, consumers = ''] = subjects.split('pub mod consumers {');
  const names = [...consumers.matchAll(/pub const \w+: &str = "([a-z-]+)";/g)].map(([, name = '']) => name);
  expect(names).toContain('card-refund-timers');
  expect(names.filter((name) => processName(name) === name)).toEqual([]);
});

describe('the board', () => {
  const late = axisOf({ opens_at: '09:30', closes_at: '02:00' });

  it('goes on past midnight', () => {
    expect(late.opens).toBe(9 * 60);
    expect(late.closes).toBe(26 * 60);
    expect(late.hours).toHaveLength(17);
    expect(minuteOf('2026-11-28T00:30:00+05:30', '2026-11-27', 'Asia/Kolkata')).toBe(24.5 * 60);
    expect(placeOf(24.5 * 60, '2026-11-27')).toEqual({ day: '2026-11-28', time: '00:30' });
    expect(placeOf(18 * 60 + 5, '2026-11-27')).toEqual({ day: '2026-11-27', time: '18:05' });
  });

  it('begins at what runs now or comes next', () => {
    const at = (hour: number) => hour * 60;
    const day = [
      { start: at(10), minutes: 120 },
      { start: at(15) + 30, minutes: 120 },
      { start: at(24) + 15, minutes: 90 },
    ];
    expect(firstInSight(late, at(9) + 30, day)).toBe(at(10));
    // One that has run for long does not take the place of what follows.
    expect(firstInSight(late, at(11) + 45, day)).toBe(at(10));
    expect(firstInSight(late, at(12), day)).toBe(at(15));
    // After midnight it is still the evening of this day.
    expect(firstInSight(late, at(25), day)).toBe(at(24));
    // Nothing is to come: now.
    expect(firstInSight(late, at(20), day.slice(0, 2))).toBe(at(20));
    // Another day: its first screening, or the opening.
    expect(firstInSight(late, at(40), day)).toBe(at(10));
    expect(firstInSight(late, at(-12), day.slice(1))).toBe(at(15));
    expect(firstInSight(late, at(40), [])).toBe(late.opens);
  });

  it('lets nothing be dragged over its edges, and goes by five minutes', () => {
    expect(dragged(600, 12, 120, late)).toBe(610);
    expect(dragged(600, -1000, 120, late)).toBe(late.opens);
    expect(dragged(600, 5000, 120, late)).toBe(late.closes - 120);
  });

  it('names what is in the way', () => {
    const house = { opens_at: '09:30', closes_at: '02:00', timezone: 'Asia/Kolkata' };
    const taken = [
      { starts_at: '2026-11-27T18:00:00+05:30', ends_at: '2026-11-27T20:00:00+05:30', show_title: 'Gangway' },
    ];
    const at = (time: string, now = 0) =>
      troubleAt({ day: '2026-11-27', starts_at: `2026-11-27T${time}:00+05:30`, time }, whole(120), house, taken, now);
    expect(at('20:00')).toBeNull();
    expect(at('19:59')).toBe('Gangway is on from 18:00');
    expect(at('08:00')).toBe('the venue is open 09:30 to 02:00');
    expect(at('20:00', Date.parse('2026-11-27T20:00:00+05:30'))).toBe('lies in the past');
    const skipped = { day: '2027-03-14', time: '02:30', starts_at: '2027-03-14T02:30:00-05:00' };
    const always = { opens_at: '00:00', closes_at: '00:00', timezone: 'America/New_York' };
    expect(troubleAt(skipped, whole(60), always, [], 0)).toContain('does not exist');
  });

  it('offers screens in use, and the one that something is on', () => {
    const screens = [
      { screen_id: 'a', status: 'active' },
      { screen_id: 'b', status: 'retired' },
      { screen_id: 'c', status: 'retired' },
    ];
    const ids = (own?: string) => inUse(screens, own).map((one) => one.screen_id);
    expect(ids()).toEqual(['a']);
    expect(ids('c')).toEqual(['a', 'c']);
  });
});

describe('a poster', () => {
  it('is looked at before it is sent', () => {
    expect(flawOfFile({ type: 'image/png', size: 5 * 1024 * 1024 })).toBeNull();
    expect(flawOfFile({ type: 'image/png', size: 5 * 1024 * 1024 + 1 })).toMatch(/5\.0 MB/);
    expect(flawOfFile({ type: 'image/gif', size: 10 })).toMatch(/JPEG, PNG or WebP/);
    expect(flawOfSize({ width: 8_000, height: 5_000 })).toBeNull();
    expect(flawOfSize({ width: 8_000, height: 5_001 })).toMatch(/40 megapixels/);
    expect(adviceOn({ width: 1_000, height: 1_500 })).toBeNull();
    expect(adviceOn({ width: 1_500, height: 1_000 })).toMatch(/edges/);
    expect(adviceOn({ width: 200, height: 300 })).toMatch(/blurred/);
  });
});

describe('the security log', () => {
  it('names acts in words', () => {
    expect(actionName('PUT /admin/accounts/{user_id}/role')).toBe('Changed a role');
    expect(actionName('POST /api/v1/auth/login')).toBe('Signed in');
    expect(actionName('GET /bookings/{id}')).toBe('GET /bookings/{id}');
    expect(['done', 'bad-credentials'].map(outcomeName)).toEqual(['Done', 'Bad credentials']);
  });

  it('has words for every act of staff and administrators in the document of the API', () => {
    interface Operation {
      responses?: Record<string, { description?: string }>;
    }
    const paths = Object.entries(document.paths as unknown as Record<string, Record<string, Operation>>);
    const acts = paths.flatMap(([path, operations]) =>
      Object.entries(operations)
        .filter(([, { responses }]) => /role does not include/.test(responses?.['403']?.description ?? ''))
        .map(([method]) => `${method.toUpperCase()} ${path.replace('/api/v1', '')}`),
    );
    expect(acts.length).toBeGreaterThan(40);
    expect(acts.filter((act) => actionName(act) === act)).toEqual([]);
  });

  it('is asked for whole days of the reader, and for open ends', () => {
    expect(dayBounds('2026-11-28', '2026-11-29', 'Asia/Kolkata')).toEqual({
      from: '2026-11-28T00:00:00+05:30',
      to: '2026-11-30T00:00:00+05:30',
    });
    expect(dayBounds('', '2026-12-31', 'UTC')).toEqual({ from: null, to: '2027-01-01T00:00:00+00:00' });
  });
});

it('only hours without a screening can be pressed on the board', () => {
  const axis = axisOf({ opens_at: '09:00', closes_at: '14:00' });
  expect(freeHours(axis, [{ start: 10 * 60 + 30, minutes: 95 }])).toEqual([540, 780]);
  expect(freeHours(axis, [])).toEqual(axis.hours);
});

it('what was sold today is that of the day at each venue', () => {
  const zones = new Map([
    ['mumbai', 'Asia/Kolkata'],
    ['london', 'Europe/London'],
  ]);
  // 30 November in Mumbai, 29 November in London.
  const now = Date.parse('2026-11-29T20:00:00Z');
  const row = (venue_id: string, day: string) => ({ venue_id, day });
  const rows = ['mumbai', 'london'].flatMap((venue) => [row(venue, '2026-11-29'), row(venue, '2026-11-30')]);
  expect(ofToday(rows, zones, now)).toEqual([row('mumbai', '2026-11-30'), row('london', '2026-11-29')]);
});

describe('sales as a file', () => {
  const row = (show_title: string, sold: number, refunded: number) => ({
    show_title,
    bookings: 2,
    bookings_refunded: 0,
    seats: 3,
    seats_refunded: 0,
    sold: { amount_minor: sold, currency: 'INR' },
    refunded: { amount_minor: refunded, currency: 'INR' },
    net: { amount_minor: sold - refunded, currency: 'INR' },
  });
  const rows = [row('बरसात, "रात"', 1_262_000, 0), row('=HYPERLINK(1)', 50_050, 50)];

  it('is in rupees, marked as UTF-8, and has the total', () => {
    const csv = salesCsv(rows);
    expect(csv.startsWith('\ufeffDay,Show')).toBe(true);
    const lines = csv.split('\r\n');
    expect(lines[1]).toBe(',"बरसात, ""रात""",,,2,3,12620,0,12620,INR');
    expect(lines[3]).toBe(',Total,,,4,6,13120.5,0.5,13120,INR');
  });

  it('names what a sum is of, however it is grouped', () => {
    const [first] = rows;
    const by = (more: Partial<SalesRow>) =>
      salesCsv([{ ...first, show_title: null, ...more } as SalesRow]).split('\r\n')[1];
    expect(by({ hour: 18 })).toBe(',,,18:00 to 19:00,2,3,12620,0,12620,INR');
    expect(by({ method: 'card_terminal' })).toContain(',By card at the counter,');
  });

  it('has no formula that a spreadsheet would run', () => {
    expect(salesCsv(rows)).toContain(",'=HYPERLINK(1),");
  });

  it('has one total per currency', () => {
    const dollars = {
      ...row('A', 0, 0),
      net: { amount_minor: 1, currency: 'USD' },
      sold: { amount_minor: 1, currency: 'USD' },
    };
    expect(totals([...rows, dollars]).map(({ net }) => net.currency)).toEqual(['INR', 'USD']);
  });
});

describe('the periods of a report', () => {
  const rupees = (amount: number) => ({ amount_minor: amount * 100, currency: 'INR' });

  it('are asked for by name, and end today', () => {
    const of = Object.fromEntries(PRESETS.map(([name, period]) => [name, period('2026-03-02')]));
    expect(of.week).toEqual({ from: '2026-02-24', to: '2026-03-02' });
    expect(of.month).toEqual({ from: '2026-03-01', to: '2026-03-02' });
    expect(of.yesterday).toEqual({ from: '2026-03-01', to: '2026-03-01' });
  });

  it('have one name, also on days on which two would fit', () => {
    const today = '2026-11-30';
    const both = { from: '2026-11-01', to: today };
    expect(presetOf(both, today, 'month')).toBe('month');
    expect(presetOf(both, today, 'days30')).toBe('days30');
    expect(presetOf(both, today, null)).toBe('days30');
    expect(presetOf({ from: today, to: today }, today, 'month')).toBe('today');
    expect(presetOf({ from: '2026-11-02', to: today }, today, 'month')).toBeNull();
  });

  it('have all their days, those without a sale too', () => {
    expect(daysOf({ from: '2026-02-27', to: '2026-03-01' })).toEqual(['2026-02-27', '2026-02-28', '2026-03-01']);
    expect(daysOf({ from: '2020-01-01', to: '2030-01-01' }, 100)).toHaveLength(100);
    expect(daysOf({ from: '2026-03-02', to: '2026-03-01' })).toEqual([]);
  });

  it('are compared with the period before', () => {
    expect(growth(rupees(112), rupees(100))).toBe('+12 %');
    expect(growth(rupees(50), rupees(100))).toBe('\u221250 %');
    expect(growth(rupees(50), rupees(0))).toBeNull();
    expect(growth(rupees(50), null)).toBeNull();
  });

  it('name their groups in words', () => {
    const row = (more: Partial<SalesRow>) => more as SalesRow;
    expect(groupName(row({ hour: 18 }))).toBe('18:00 to 19:00');
    expect(groupName(row({ method: 'card_terminal' }))).toBe('By card at the counter');
    expect(groupName(row({ show_title: 'Naksha', venue_name: 'Marine Talkies' }))).toBe('Naksha, Marine Talkies');
    expect(groupName(row({}))).toBe('Total');
  });
});
