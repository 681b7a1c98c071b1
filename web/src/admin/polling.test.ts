import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { QUIET_MS, watchActivity } from './polling';

describe('polling', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('pauses after five minutes without a touch and goes on with the next', () => {
    const page = new EventTarget();
    const { isActive, onChange } = watchActivity(page);
    const changes: boolean[] = [];
    onChange(() => changes.push(isActive()));
    vi.advanceTimersByTime(QUIET_MS - 1);
    page.dispatchEvent(new Event('keydown'));
    vi.advanceTimersByTime(QUIET_MS - 1);
    expect(isActive()).toBe(true);
    vi.advanceTimersByTime(1);
    expect(isActive()).toBe(false);
    page.dispatchEvent(new Event('pointermove'));
    expect(changes).toEqual([false, true]);
  });
});
