import { expect, it } from 'vitest';

import { PLACE } from './toast';

it('messages cover nothing at the foot of a page, and take no clicks', () => {
  const classes = PLACE.split(/\s+/);
  expect(classes.filter((name) => /(^|:)-?(bottom|inset-y|inset)-/.test(name.replace('inset-x-0', '')))).toEqual([]);
  expect(classes.some((name) => /^top-/.test(name))).toBe(true);
  expect(classes).toContain('pointer-events-none');
});
