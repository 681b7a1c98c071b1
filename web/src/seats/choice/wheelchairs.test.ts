import { describe, expect, it } from 'vitest';

import { room } from '../for-tests';
import { drawPlan } from '../map/plan';
import { hasPlace, isUnasked, keptUntil, keptAmong } from './wheelchairs';

const plan = drawPlan(room('A gold wc..'));

describe('wheelchair places', () => {
  it('are kept until some minutes before the start, if the house keeps them', () => {
    const starts_at = '2026-12-01T18:00:00Z';
    expect(keptUntil({ starts_at, wheelchair_minutes: 90 })).toBe(Date.parse('2026-12-01T16:30:00Z'));
    expect(keptUntil({ starts_at, wheelchair_minutes: null })).toBeNull();
  });

  it('and the seats beside them are for those who ask', () => {
    expect(keptAmong(plan, ['A-1', 'A-2', 'A-3', 'Z-1'])).toEqual(['A-1', 'A-2']);
    expect(isUnasked(plan, [], false)).toBe(false);
    expect(isUnasked(plan, ['A-1'], false)).toBe(true);
    expect(isUnasked(plan, ['A-1', 'A-2'], true)).toBe(false);
    expect(isUnasked(plan, ['A-2'], true)).toBe(true);
  });

  it('are not the seats beside them', () => {
    expect(hasPlace(plan, [])).toBe(false);
    expect(hasPlace(plan, ['A-2', 'A-3', 'Z-1'])).toBe(false);
    expect(hasPlace(plan, ['A-2', 'A-1'])).toBe(true);
  });
});
