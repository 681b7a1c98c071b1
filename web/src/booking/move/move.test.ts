import { beforeEach, describe, expect, it } from 'vitest';

import type { Booking } from '../../api/types';
import { room } from '../../seats/for-tests';
import { drawPlan } from '../../seats/map/plan';
import { choiceOfWay, differenceOf, hindranceOf, isUnchanged, mapFor, parted, toggled } from './choice';
import { bodyOf, moved, type Wish } from './moving';

type Paid = Pick<Booking, 'amount' | 'lines' | 'payment' | 'screening' | 'seats'>;

function paid(method: string, minor: number): Paid {
  return {
    amount: { amount_minor: minor, currency: 'INR' },
    payment: { method },
    lines: [],
    screening: { screening_id: 's' },
    seats: ['A-2', 'A-3'],
  } as unknown as Paid;
}

describe('seats to move to', () => {
  const map = room('A gold=300 .xxx.', 'B silver=200 .....');
  const booking = paid('wallet', 600);

  it('are the free ones, and in the same screening those of the booking too', () => {
    const own = mapFor(booking, 's', map);
    expect(parted(['A-1', 'A-2', 'A-3', 'A-4'], own)).toEqual({ left: ['A-1', 'A-2', 'A-3'], gone: ['A-4'] });
    expect(own.rows[0]?.seats.filter(({ sold_to_me: mine }) => mine).map(({ seat }) => seat)).toEqual(['A-2', 'A-3']);
    expect(own.rows[1]).toBe(map.rows[1]);
    // The seats of the same names in another room belong to other people.
    expect(parted(['A-1', 'A-2'], mapFor(booking, 'other', map)).gone).toEqual(['A-2']);
  });

  it('are as many as the booking has: one more takes the place of the first', () => {
    expect(toggled(['A-1'], 'A-5', 2)).toEqual(['A-1', 'A-5']);
    expect(toggled(['A-1', 'A-5'], 'B-1', 2)).toEqual(['A-5', 'B-1']);
    expect(toggled(['A-1', 'A-5'], 'A-1', 2)).toEqual(['A-5']);
    expect(toggled(['A-1'], 'B-1', 1)).toEqual(['B-1']);
  });

  it('are not those that the booking has', () => {
    expect(isUnchanged(booking, 's', ['A-3', 'A-2'])).toBe(true);
    expect(isUnchanged(booking, 's', ['A-3', 'A-1'])).toBe(false);
    expect(isUnchanged(booking, 'other', ['A-2', 'A-3'])).toBe(false);
  });

  it('cost more or less than what was paid, and nothing if the booking is a gift', () => {
    const plan = drawPlan(map);
    const difference = (method: string, ...seats: string[]) =>
      differenceOf(paid(method, 500), { screening_id: 'other', fee: null }, seats, map, plan)?.amount_minor;
    expect(difference('wallet', 'A-1', 'A-5')).toBe(100);
    expect(difference('card', 'B-1', 'B-2')).toBe(-100);
    expect(difference('complimentary', 'A-1', 'A-5')).toBe(0);
  });

  it('cost what the tickets that they replace cost there, with the fee, less the discounts', () => {
    const rupees = (amount_minor: number) => ({ amount_minor, currency: 'INR' });
    const typed = {
      ...map,
      rows: map.rows.map((row) => ({ ...row, prices: { adult: rupees(300), child: rupees(120) } })),
    };
    const plan = drawPlan(typed);
    const line = (seat: string, ticket_type: string, price: number, discount = 0) => ({
      seat,
      ticket_type,
      price: rupees(price),
      discount: rupees(discount),
    });
    const family = { ...paid('wallet', 420), lines: [line('A-2', 'adult', 300, 30), line('A-3', 'child', 120)] };
    const fee = { per: 'ticket', amount: rupees(15) } as const;
    const difference = (screening: string, ...seats: string[]) =>
      differenceOf(family, { screening_id: screening, fee }, seats, typed, plan)?.amount_minor;
    expect(difference('other', 'B-1', 'B-2')).toBe(300 - 30 + 120 + 30 - 420);
    // The child keeps its seat, so the new one is for the adult, in whatever order they are chosen.
    expect(difference('s', 'A-3', 'B-2')).toBe(difference('s', 'B-2', 'A-3'));
    expect(difference('s', 'A-3', 'B-2')).toBe(0);
    // A room without prices for children.
    expect(differenceOf(family, { screening_id: 'other', fee: null }, ['B-1', 'B-2'], map, plan)).toBeNull();
    expect(hindranceOf(family, null)).toBe('type');
  });

  it('are paid the way the booking was, and money of the counter stays there', () => {
    const hindrance = (method: string, minor: number) =>
      hindranceOf(paid(method, 500), { amount_minor: minor, currency: 'INR' });
    expect(['wallet', 'card', 'cash'].map((method) => hindrance(method, 100))).toEqual([null, null, 'counter']);
    expect(['wallet', 'card', 'cash'].map((method) => hindrance(method, -100))).toEqual([null, null, 'counter']);
    expect(['wallet', 'card', 'cash'].map((method) => hindrance(method, 0))).toEqual([null, null, null]);
    const way = (method: string, minor: number) =>
      choiceOfWay(paid(method, 500), { amount_minor: minor, currency: 'INR' }, { amount_minor: 50, currency: 'INR' });
    expect([way('card', 50), way('card', 49), way('card', 0)]).toEqual(['customer', 'too-small', null]);
    expect([way('card', -100), way('wallet', 100), way('wallet', 49)]).toEqual([null, null, null]);
  });
});

describe('a move', () => {
  const wish: Wish = { screening_id: 'other', seats: ['A-1', 'A-2'], settle: 'refund' };
  const old = { screening_id: 's', seats: ['A-2', 'A-3'] };
  let pauses: number;
  const pause = () => {
    pauses += 1;
    return Promise.resolve();
  };
  beforeEach(() => {
    pauses = 0;
  });

  it('asks for wheelchair places by name', () => {
    expect(bodyOf(wish)).toEqual(wish);
    expect(bodyOf({ ...wish, asked: ['A-2'] })).toEqual({
      ...wish,
      seats: ['A-1', { seat: 'A-2', wheelchair: true }],
    });
  });

  it('is asked for until the booking has the seats', async () => {
    const answers = [old, old, { screening_id: 'other', seats: ['A-1', 'A-2'] }];
    expect(await moved(wish, () => Promise.resolve(answers.shift() ?? old), pause)).toEqual({
      isOver: true,
      checkout: null,
    });
    expect([answers.length, pauses]).toEqual([0, 2]);
  });

  it('waits for its customer once there is a page to pay on', async () => {
    const checkout = 'https://pay.example/1';
    const answers = [old, { ...old, checkout_url: checkout }];
    expect(await moved(wish, () => Promise.resolve(answers.shift() ?? old), pause)).toEqual({
      isOver: false,
      checkout,
    });
    expect([answers.length, pauses]).toEqual([0, 1]);
  });

  it('that takes long is left to itself', async () => {
    let calls = 0;
    const send = () => {
      calls += 1;
      return Promise.resolve(old);
    };
    expect(await moved(wish, send, pause)).toEqual({ isOver: false, checkout: null });
    expect([calls, pauses]).toEqual([6, 5]);
  });

  it('that is refused later says so', async () => {
    let calls = 0;
    const send = () => {
      calls += 1;
      return calls === 1 ? Promise.resolve(old) : Promise.reject(new Error('seat-taken'));
    };
    await expect(moved(wish, send, pause)).rejects.toThrow('seat-taken');
  });
});
