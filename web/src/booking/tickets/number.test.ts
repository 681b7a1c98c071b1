import { expect, it } from 'vitest';

import { isBookingNumber } from './number';

it('can be distinguished from the code of a ticket however it is typed', () => {
  for (const typed of ['K7QM-3XRP', 'k7qm3xrp', ' k7qm 3xrp ', 'K7QM–3XRP']) expect(isBookingNumber(typed)).toBe(true);
  for (const other of ['', 'K7QM-3XR', 'K7QM-3XRPA', 'O7QM-3XRP', 'K1QM-3XRP', 'TS1.AAAAAAAABBBBBBBBCCCC'])
    expect(isBookingNumber(other)).toBe(false);
});
