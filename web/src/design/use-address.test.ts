import { expect, it } from 'vitest';

import { oneOf, withValues } from './use-address';

it('an address takes new values, loses empty ones and keeps the others', () => {
  const before = new URLSearchParams('q=nila&status=held&date=2026-12-01');
  expect(withValues(before, { status: 'paying', date: null }).toString()).toBe('q=nila&status=paying');
  expect(withValues(before, { q: '', venue: 'v' }).toString()).toBe('status=held&date=2026-12-01&venue=v');
  expect(before.get('q')).toBe('nila');
});

it('a parameter counts if it is one of the words that the page knows', () => {
  expect(oneOf(['held', 'paid'], 'paid')).toBe('paid');
  for (const text of ['Paid', 'paid,held', '../x', '', null])
    expect(oneOf(['held', 'paid'], text), String(text)).toBe('');
});
