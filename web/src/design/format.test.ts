import { describe, expect, it } from 'vitest';

import {
  addressOf,
  calendarDay,
  clockChange,
  clockTime,
  countdown,
  dayAfter,
  dayIn,
  daysAt,
  duration,
  editedMoment,
  learnDigits,
  localMoment,
  money,
  moneySpoken,
  mapOf,
  nearDay,
  parseMoney,
  soon,
  when,
  whenInYear,
  whenThere,
  zoneInList,
  zoneNote,
  zoneNoteThere,
} from './format';

const inr = (amount_minor: number) => ({ amount_minor, currency: 'INR' });

describe('money', () => {
  it('has no trailing zeros', () => {
    expect(money(inr(25_000))).toBe('₹250');
    expect(money(inr(25_050))).toBe('₹250.50');
    expect(money(inr(100_000))).toBe('₹1,000');
    expect(money(inr(10_000_000))).toBe('₹1,00,000');
    expect(money(inr(-44_000))).toBe('−₹440');
    expect(money(inr(0))).toBe('₹0');
  });

  it('has the digits of its currency', () => {
    expect(money({ amount_minor: 1_001, currency: 'KWD' })).toContain('1.001');
    expect(money({ amount_minor: 250, currency: 'JPY' })).toContain('250');
  });

  it('is read aloud in words', () => {
    expect(moneySpoken(inr(25_000))).toBe('250 rupees');
    expect(moneySpoken(inr(25_050))).toBe('250.5 rupees');
  });

  it('is parsed as people type it, and never as a float', () => {
    expect(parseMoney('1,250.50', 'INR')).toEqual(inr(125_050));
    expect(parseMoney('₹ 5', 'INR')).toEqual(inr(500));
    expect(parseMoney('0.1', 'INR')).toEqual(inr(10));
    expect(parseMoney('4.35', 'INR')).toEqual(inr(435));
    expect(parseMoney('7', 'JPY')).toEqual({ amount_minor: 7, currency: 'JPY' });
    for (const text of ['', '-5', '1.234', '1e3', 'ten', '.', '5.', '.5', '1.2.3'])
      expect(parseMoney(text, 'INR'), text).toBeNull();
  });

  it('has the digits of ISO 4217, where browsers have others', () => {
    expect(money({ amount_minor: 250_000, currency: 'HUF' })).toContain('2,500');
    expect(money({ amount_minor: 250_000, currency: 'HUF' })).not.toContain('2,50,000');
    expect(money({ amount_minor: 5_000_500, currency: 'IQD' })).toContain('5,000.500');
    expect(parseMoney('2500', 'HUF')).toEqual({ amount_minor: 250_000, currency: 'HUF' });
    for (const currency of ['COP', 'IDR', 'PKR', 'LBP', 'MMK'])
      expect(money({ amount_minor: 1_050, currency }), currency).toContain('10.50');
  });

  it('has the digits that the server states', () => {
    learnDigits('XTS', 4);
    expect(parseMoney('1.2345', 'XTS')).toEqual({ amount_minor: 12_345, currency: 'XTS' });
    expect(money({ amount_minor: 12_345, currency: 'XTS' })).toContain('1.2345');
  });

  it('with a decimal comma is never a hundred times as much', () => {
    const eur = (amount_minor: number) => ({ amount_minor, currency: 'EUR' });
    expect(parseMoney('12,50', 'EUR')).toEqual(eur(1_250));
    expect(parseMoney('1,25', 'EUR')).toEqual(eur(125));
    expect(parseMoney('12,5', 'EUR')).toEqual(eur(1_250));
    expect(parseMoney('9,90', 'EUR')).toEqual(eur(990));
    expect(parseMoney('€ 12,50', 'EUR')).toEqual(eur(1_250));
    expect(parseMoney('12.50 €', 'EUR')).toEqual(eur(1_250));
    expect(parseMoney('EUR 12.50', 'EUR')).toEqual(eur(1_250));
    for (const text of ['12 50', '1.250,00', '1,25,0', '12,,5', ',5', '1,2345'])
      expect(parseMoney(text, 'EUR'), text).toBeNull();
    expect(parseMoney('7,5', 'JPY')).toBeNull();
  });

  it('may be grouped as in India or by thousands', () => {
    expect(parseMoney('1,00,000', 'INR')).toEqual(inr(10_000_000));
    expect(parseMoney('1,000,000', 'INR')).toEqual(inr(100_000_000));
    expect(parseMoney('1 250', 'INR')).toEqual(inr(125_000));
    expect(parseMoney('1\u202f250.50', 'INR')).toEqual(inr(125_050));
    expect(parseMoney('1,250', 'KWD')).toBeNull();
    expect(parseMoney('1.250', 'KWD')).toEqual({ amount_minor: 1_250, currency: 'KWD' });
  });
});

describe('times', () => {
  it('are those of the venue for every reader', () => {
    expect(when('2026-11-27T18:30:00+05:30', 'time', 'Asia/Kolkata')).toBe('6:30 pm');
    expect(when('2026-11-27T13:00:00Z', 'short-day', 'Asia/Kolkata')).toBe('Fri, 27 Nov');
    expect(clockTime('2026-07-01T18:00:00Z', 'Europe/London')).toBe('19:00');
    // A year that goes without saying is not said; at the turn of the year, that of the venue counts.
    const now = Date.parse('2026-12-31T12:00:00Z');
    const day = (moment: string, at = now) => whenInYear(moment, 'short-day', at, 'Asia/Kolkata');
    expect(day('2026-11-27T13:00:00Z')).toBe('Fri, 27 Nov');
    expect(day('2025-11-27T13:00:00Z')).toContain('2025');
    expect(day('2026-12-31T20:00:00Z')).toContain('2027');
    expect(day('2026-12-31T20:00:00Z', Date.parse('2026-12-31T19:00:00Z'))).not.toContain('2027');
    expect(nearDay('2026-12-28', '2026-12-20')).toBe('Mon, 28 Dec');
    expect(nearDay('2027-01-28', '2026-12-20')).toContain('2027');
    expect(nearDay('2027-01-01', '2026-12-31')).toBe('Tomorrow');
    expect(whenInYear('2025-11-27T13:00:00Z', 'full', now, 'Asia/Kolkata')).toMatch(/2025.*6:30 pm$/);
    // To the second in a history, and otherwise like all others.
    expect(when('2026-11-27T13:00:07Z', 'stamp', 'Asia/Kolkata')).toBe('27 Nov 2026, 6:30:07 pm');
  });

  it('belong to a calendar day of their place', () => {
    expect(calendarDay('2026-11-27T20:00:00Z', 'Asia/Kolkata')).toBe('2026-11-28');
    expect(calendarDay('2026-11-27T20:00:00Z', 'Europe/London')).toBe('2026-11-27');
    expect(dayAfter('2026-12-31', 1)).toBe('2027-01-01');
    expect(dayAfter('2028-02-29', -1)).toBe('2028-02-28');
  });

  it('typed for a place get its offset at that moment', () => {
    expect(localMoment('2026-11-27', '18:30', 'Asia/Kolkata')).toBe('2026-11-27T18:30:00+05:30');
    expect(localMoment('2026-07-01', '19:00', 'Europe/London')).toBe('2026-07-01T19:00:00+01:00');
    expect(localMoment('2026-12-01', '19:00', 'Europe/London')).toBe('2026-12-01T19:00:00+00:00');
    // The clocks go back at 2:00 on that day: the evening is in winter time already.
    expect(localMoment('2026-10-25', '20:00', 'Europe/London')).toBe('2026-10-25T20:00:00+00:00');
    expect(localMoment('2026-03-08', '20:00', 'America/New_York')).toBe('2026-03-08T20:00:00-04:00');
  });

  it('that a clock change skips or repeats are recognised', () => {
    for (const [day, time, zone] of [
      ['2027-03-14', '02:30', 'America/New_York'],
      ['2027-03-28', '02:30', 'Europe/Berlin'],
      ['2027-10-03', '02:15', 'Australia/Lord_Howe'],
      ['2027-09-05', '00:30', 'America/Santiago'],
    ] as const)
      expect(clockChange(day, time, zone), zone).toBe('skipped');
    expect(clockChange('2026-11-01', '01:30', 'America/New_York')).toBe('twice');
    expect(clockChange('2026-10-25', '02:30', 'Europe/Berlin')).toBe('twice');
    expect(clockChange('2026-10-25', '12:00', 'Europe/Berlin')).toBeNull();
    // Of an hour that comes twice, the first, at every place alike.
    expect(localMoment('2026-11-01', '01:30', 'America/New_York')).toBe('2026-11-01T01:30:00-04:00');
    expect(localMoment('2026-10-25', '02:30', 'Europe/Berlin')).toBe('2026-10-25T02:30:00+02:00');
  });

  it('that a form keeps are the same moment, also the second of an hour that comes twice', () => {
    const second = '2026-11-01T01:30:00-05:00';
    expect(editedMoment('2026-11-01', '01:30', 'America/New_York', second)).toBe(second);
    expect(editedMoment('2026-11-01', '01:35', 'America/New_York', second)).toBe('2026-11-01T01:35:00-04:00');
    expect(editedMoment('2026-11-02', '01:30', 'America/New_York', second)).toBe('2026-11-02T01:30:00-05:00');
  });

  it('in a zone that the browser does not know are shown by their own offset', () => {
    const moment = '2026-11-27T21:30:00-03:00';
    expect(when(moment, 'time', 'America/Nowhere')).toBe('9:30 pm');
    expect(whenThere(moment, 'time')).toBe('9:30 pm');
    expect(calendarDay(moment, 'America/Nowhere')).toBe('2026-11-27');
    expect(clockTime(moment, 'America/Nowhere')).toBe('21:30');
    expect(zoneNote(moment, 'America/Nowhere', 'Coyhaique')).toBe('Coyhaique time');
    expect(localMoment('2026-11-27', '18:30', 'America/Nowhere')).toMatch(/^2026-11-27T18:30:00/);
  });

  it('in a list name their zone if the list has several, or if the reader is elsewhere', () => {
    const moment = '2026-11-27T13:00:00Z';
    const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
    expect(zoneInList([here, here], moment, here, 'Here')).toBeNull();
    expect(zoneInList([here, 'Pacific/Kiritimati'], moment, here, 'Here')).toBe('Here time');
    expect(zoneInList(['Pacific/Kiritimati'], moment, 'Pacific/Kiritimati', 'Tabwakea')).toBe('Tabwakea time');
    // Two names of one zone.
    expect(zoneInList(['Asia/Kolkata', 'Asia/Colombo'], moment, 'Asia/Colombo', 'Galle')).toBe(
      zoneNote(moment, 'Asia/Colombo', 'Galle'),
    );
    expect(zoneNoteThere('2026-11-27T13:00:00+14:00', 'Tabwakea')).toBe('Tabwakea time');
    expect(zoneNoteThere('2026-11-27T13:00:00-11:00', 'Pago Pago')).toBe('Pago Pago time');
  });

  it('in an address are a calendar day or nothing', () => {
    expect(dayIn('2028-02-29')).toBe('2028-02-29');
    for (const text of ['2027-02-29', '2026-13-01', 'tomorrow', '2026-1-1', '', '+012026-01-01', null])
      expect(dayIn(text), String(text)).toBeNull();
  });

  it('count down to the second and not below', () => {
    expect(countdown(479_001)).toBe('8:00');
    expect(countdown(59_000)).toBe('0:59');
    expect(countdown(-5)).toBe('0:00');
  });

  it('durations are formatted in hours and minutes', () => {
    expect([45, 60, 128].map(duration)).toEqual(['45 min', '1 h', '2 h 8 min']);
  });
});

it('an address names its city once', () => {
  expect(addressOf({ address: '1 Bridge Street', city: 'Nashik' })).toBe('1 Bridge Street, Nashik');
  expect(addressOf({ address: 'Press Enclave Marg, Nashik', city: 'Nashik' })).toBe('Press Enclave Marg, Nashik');
  expect(addressOf({ address: 'College Road, Nashik 422005', city: 'Nashik' })).toBe('College Road, Nashik 422005');
  expect(addressOf({ address: null, city: 'Nashik' })).toBe('Nashik');
});

it('today is the day at the venue, which differs between zones', () => {
  const now = Date.parse('2026-11-29T20:00:00Z');
  expect(daysAt(now, ['Asia/Kolkata', 'Europe/London', 'Asia/Kolkata'])).toEqual(['2026-11-29', '2026-11-30']);
  expect(daysAt(now, ['Europe/London'])).toEqual(['2026-11-29']);
});

it('what begins within a day says in how long', () => {
  const now = Date.parse('2026-11-29T20:00:00Z');
  expect(soon('2026-11-29T20:40:00Z', now)).toBe('In 40 min');
  expect(soon('2026-11-29T21:20:00Z', now)).toBe('In 1 h 20 min');
  expect(soon('2026-11-30T08:10:00Z', now)).toBe('In 12 h');
  expect(soon('2026-12-01T20:00:00Z', now)).toBeNull();
  expect(soon('2026-11-29T19:59:00Z', now)).toBeNull();
});

it('a map is asked for name and address, whatever they contain', () => {
  const link = new URL(mapOf({ name: 'Ruby & Sons', address: '1 Hill Road', city: 'Mumbai' }));
  expect(link.searchParams.get('query')).toBe('Ruby & Sons, 1 Hill Road, Mumbai');
});
