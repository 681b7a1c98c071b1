import { expect, it } from 'vitest';

import { placeLeft } from './kept-focus';

const place = (name: string, isConnected: boolean) => ({
  name,
  isConnected,
  matches: (selector: string) => selector.split(', ').includes(name),
});

it('the focus goes to the nearest place that is left, and never to a mere box', () => {
  const row = place('li', false);
  const list = place('section', true);
  expect(placeLeft([place('span', false), row, place('div', true), list, place('main', true)])).toBe(list);
  expect(placeLeft([row, place('div', true)])).toBeUndefined();
});
