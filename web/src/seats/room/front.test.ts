import { expect, it } from 'vitest';

import { frontOf } from './front';

it('the seats of a play face a stage, those of a film a screen', () => {
  expect(frontOf({ genres: ['Comedy', 'Play'] })).toBe('Stage');
  expect(frontOf({ genres: ['play'] })).toBe('Stage');
  expect(frontOf({ genres: ['Drama'] })).toBe('Screen');
  expect(frontOf(undefined)).toBe('');
});
