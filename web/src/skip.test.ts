import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

import { CONTENT, startOfPage, WORK } from './skip';

it('the way to the content leads past the navigation of the administration', () => {
  const page = new Map([[CONTENT, 'all of it']]);
  expect(startOfPage((id) => page.get(id) ?? null)).toBe('all of it');
  page.set(WORK, 'beside the navigation');
  expect(startOfPage((id) => page.get(id) ?? null)).toBe('beside the navigation');
});

it('the frame of the administration marks the place behind its navigation', () => {
  const frame = readFileSync('src/admin/frame.tsx', 'utf8');
  const place = frame.indexOf('id={WORK}');
  expect(place).toBeGreaterThan(frame.indexOf('</nav>'));
  expect(place).toBeLessThan(frame.indexOf('<Outlet />'));
});
