import { expect, test } from 'vitest';

import { Problem } from '../../../api/problem';
import { boardDay, isMissed } from './drafts';

test('a draft is missed once it was read as one a minute after it should have been published', () => {
  const publish_at = '2026-11-27T10:00:00+05:30';
  const due = Date.parse(publish_at);
  expect([due - 1, due + 60_000, due + 60_001].map((readAt) => isMissed({ publish_at }, readAt))).toEqual([
    false,
    false,
    true,
  ]);
  expect(isMissed({ publish_at: null }, due)).toBe(false);
});

test('what begins after midnight is on the board of the day before', () => {
  const venue = { opens_at: '09:30', closes_at: '02:00', timezone: 'Asia/Kolkata' };
  expect(boardDay('2026-11-28T00:30:00+05:30', venue)).toBe('2026-11-27');
  expect(boardDay('2026-11-28T08:00:00+05:30', venue)).toBe('2026-11-28');
  expect(boardDay('2026-11-28T18:30:00+05:30', venue)).toBe('2026-11-28');
});

test('a venue or screen that is full is explained with its limit, if that is known', () => {
  const full = (slug: string, members?: object) => new Problem(409, slug, { ...members }).message;
  expect(full('too-many-drafts', { max: 500 })).toBe(
    'This screen has 500 drafts, the most it can have. Publish or delete one first.',
  );
  expect(full('too-many-templates', { max: 50 })).toBe(
    'This venue has 50 price templates, the most it can have. Remove one first.',
  );
  // As the reason why a screening was not copied.
  expect(full('too-many-drafts')).toBe('This screen has the most drafts it can have. Publish or delete one first.');
});
