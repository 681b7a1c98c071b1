import { expect, it } from 'vitest';

import { pricesInWords } from './price-words';

const inr = (amount_minor: number) => ({ amount_minor, currency: 'INR' });

it('prices are listed by category, and by ticket type where there are several', () => {
  expect(pricesInWords({ classic: inr(25_000), gold: { adult: inr(40_000), child: inr(30_050) } })).toEqual([
    'Classic ₹250',
    'Gold: Adult ₹400, Child ₹300.50',
  ]);
  expect(pricesInWords({})).toEqual([]);
});
