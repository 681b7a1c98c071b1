import { afterEach, describe, expect, it, vi } from 'vitest';

import type { SeatMap } from '../../api/types';
import { isAllowed, COUNTER, DOOR, homeOf, MONEY } from '../access';
import { change, likelyNotes, takenOf } from './change';
import { appliedCode, isTypedOnly, NO_CODE, troubleOf } from './code';
import { printTickets } from './print';
import { saleToSend } from './sale';
import { parted } from './use-seats';

const rupees = (amount: number) => ({ amount_minor: amount * 100, currency: 'INR' });

describe('cash at the counter', () => {
  it('gives back what was given too much, and nothing if it is not enough', () => {
    expect(change(rupees(760), rupees(1_000))).toEqual(rupees(240));
    expect(change(rupees(760), rupees(760))).toEqual(rupees(0));
    expect(change(rupees(760), rupees(500))).toBeNull();
  });

  it('is likely handed over in round amounts', () => {
    expect(likelyNotes(rupees(760), 2)).toEqual([760, 800, 1_000, 2_000].map(rupees));
    expect(likelyNotes(rupees(0), 2).every(({ amount_minor }) => amount_minor > 0)).toBe(true);
    expect(likelyNotes({ amount_minor: 1_200, currency: 'JPY' }, 0)[0]).toEqual({
      amount_minor: 1_200,
      currency: 'JPY',
    });
  });
});

describe('what a sale took', () => {
  const sold = (method: 'cash' | 'upi') => ({ amount: rupees(760), method });

  it('is of cash also the sum that was handed over, and the change', () => {
    expect(takenOf(sold('cash'), rupees(1_000))).toEqual({
      amount: rupees(760),
      method: 'cash',
      cash: { given: rupees(1_000), back: rupees(240) },
    });
    expect(takenOf(sold('cash'), rupees(760)).cash?.back).toEqual(rupees(0));
  });

  it('is only the price if no sum was typed, or one that is not enough', () => {
    expect(takenOf(sold('cash'), null).cash).toBeNull();
    expect(takenOf(sold('cash'), rupees(700)).cash).toBeNull();
  });

  it('has no change if a card or UPI paid, whatever was typed before', () => {
    expect(takenOf(sold('upi'), rupees(1_000))).toEqual({ amount: rupees(760), method: 'upi', cash: null });
  });
});

describe('tickets at the counter', () => {
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  it('are asked for on the paper of this device', async () => {
    const asked: string[] = [];
    vi.stubGlobal('navigator', { onLine: true });
    vi.stubGlobal('window', { open: () => ({ location: { href: '' }, close: () => undefined }) });
    vi.stubGlobal('fetch', (url: string) => {
      if (url.endsWith('/auth/refresh')) {
        return Promise.resolve(Response.json({ access_token: 'token', expires_in: 600, user: {} }));
      }
      asked.push(url);
      return Promise.resolve(new Response('%PDF-1.7'));
    });
    await printTickets('b', 'K7QM-3XRP', 'receipt');
    expect(asked).toEqual(['/api/v1/bookings/b/tickets.pdf?paper=receipt']);
  });
});

describe('seats that staff choose', () => {
  const seats = ['free', 'held', 'sold', 'blocked'].map((status, index) => ({
    seat: `A-${String(index + 1)}`,
    status,
  }));
  const map = { position: 1, rows: [{ label: 'A', category: 'gold', aisles_after: [], seats }] } as unknown as SeatMap;

  it('are free, or kept back by the house', () => {
    expect(parted(['A-1', 'A-2', 'A-3', 'A-4'], map)).toEqual({ left: ['A-1', 'A-4'], gone: ['A-2', 'A-3'] });
  });
});

describe('the rooms of the house', () => {
  it('are open to those who work there', () => {
    expect(isAllowed('box_office', COUNTER)).toBe(true);
    expect(isAllowed('door', COUNTER)).toBe(false);
    expect(isAllowed('door', DOOR)).toBe(true);
    expect(isAllowed('accountant', MONEY)).toBe(true);
    expect(isAllowed('customer', DOOR)).toBe(false);
    expect(isAllowed(undefined, DOOR)).toBe(false);
  });

  it('begin with the one of the own work', () => {
    expect(['admin', 'manager', 'box_office', 'door', 'accountant'].map(homeOf)).toEqual([
      '/admin',
      '/admin/box-office',
      '/admin/box-office',
      '/check-in',
      '/admin/money',
    ]);
  });
});

describe('the code of a buyer', () => {
  it('is applied before a sale', () => {
    const typed = { ...NO_CODE, typed: ' SPRING ' };
    expect(isTypedOnly(NO_CODE)).toBe(false);
    expect(isTypedOnly({ ...NO_CODE, typed: ' ' })).toBe(false);
    expect(isTypedOnly(typed)).toBe(true);
    expect(appliedCode(typed)).toEqual({ typed: 'SPRING', applied: 'SPRING' });
    expect(isTypedOnly(appliedCode(typed))).toBe(false);
  });

  it('is not what failed if there is none', () => {
    const failed = new Error('no answer');
    expect(troubleOf(failed, { ...NO_CODE, typed: 'SPRING' })).toBe('offer');
    expect(troubleOf(failed, appliedCode({ ...NO_CODE, typed: 'SPRING' }))).toBe('code');
    expect(troubleOf(null, NO_CODE)).toBeNull();
  });
});

describe('a sale whose answer was lost', () => {
  const sale = (method: 'cash' | 'upi', seat: string, block?: string) => ({
    screening_id: 's',
    seats: [{ seat, ...(block && { block_id: block }) }],
    method,
  });

  it('is sent once more as it was, although its house seats have left their block by now', () => {
    const lost = sale('cash', 'A-1', 'press');
    expect(saleToSend(sale('cash', 'A-1'), lost)).toBe(lost);
  });

  it('is the same one, though the last use of its promotion is taken', () => {
    const lost = { ...sale('cash', 'A-1'), promotion_id: 'p', amount: rupees(270) };
    expect(saleToSend(sale('cash', 'A-1'), lost)).toBe(lost);
  });

  it('is another one with other seats, or paid in another way', () => {
    const lost = sale('cash', 'A-1', 'press');
    for (const now of [sale('cash', 'A-2', 'press'), sale('upi', 'A-1', 'press')])
      expect(saleToSend(now, lost)).toBe(now);
    expect(saleToSend(lost, undefined)).toBe(lost);
  });
});
