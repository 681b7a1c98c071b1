import { expect, it } from 'vitest';

import { scrollKey } from './scroll';

it('the first page of a document does not open at the position of another page', () => {
  const checkout = scrollKey({ key: 'default', pathname: '/checkout/1', search: '' });
  const back = scrollKey({ key: 'default', pathname: '/payments/return', search: '?booking=1' });
  const topUp = scrollKey({ key: 'default', pathname: '/payments/return', search: '?payment=2' });
  expect(new Set([checkout, back, topUp]).size).toBe(3);
});

it('each visit of a page within the document has its own position', () => {
  const place = { pathname: '/shows', search: '' };
  expect(scrollKey({ ...place, key: 'a1' })).not.toBe(scrollKey({ ...place, key: 'b2' }));
});
