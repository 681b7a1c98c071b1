import { describe, expect, it } from 'vitest';

import { Problem } from '../../api/problem';
import { changeHold, replaceHold, type Seating } from './change-hold';

/** A screening in which this customer holds. */
class House implements Seating {
  readonly calls: string[] = [];
  readonly held = new Map<string, readonly string[]>([['old', ['A-1', 'A-2']]]);
  private made = 0;

  constructor(
    /** Seats that another customer has. */
    readonly others: string[] = [],
    readonly holdsMax = 3,
    /** What happens when a booking is released. */
    readonly onRelease: () => void = () => undefined,
  ) {}

  hold = (seats: readonly string[]) => {
    this.calls.push(`hold ${seats.join()}`);
    const taken = seats.filter((seat) => this.others.includes(seat) || [...this.held.values()].flat().includes(seat));
    if (this.held.size >= this.holdsMax) return Promise.reject(new Problem(409, 'too-many-holds'));
    if (taken.length > 0) return Promise.reject(new Problem(409, 'seat-taken', { seats: taken }));
    const booking_id = `new-${String((this.made += 1))}`;
    this.held.set(booking_id, seats);
    return Promise.resolve({ booking_id, seats });
  };
  release = (booking: string) => {
    this.calls.push(`release ${booking}`);
    this.held.delete(booking);
    this.onRelease();
    return Promise.resolve();
  };
  taken = (seats: readonly string[]) => Promise.resolve(seats.filter((seat) => this.others.includes(seat)));

  change(...wanted: string[]) {
    return changeHold({ booking_id: 'old', seats: ['A-1', 'A-2'] }, wanted, this);
  }
  get seats() {
    return [...this.held.values()];
  }
}

describe('other seats in one step', () => {
  const old = { booking_id: 'old', seats: ['A-1', 'A-2'] };
  const answers = (...problems: (Problem | null)[]) => {
    const calls: string[] = [];
    const hold = (seats: readonly string[], replaces: string | null) => {
      calls.push(`${seats.join()} for ${String(replaces)}`);
      const problem = problems.shift();
      return problem ? Promise.reject(problem) : Promise.resolve({ booking_id: 'new', seats });
    };
    return { calls, change: replaceHold(old, ['A-2', 'A-3'], hold) };
  };

  it('take the place of those held', async () => {
    const { calls, change } = answers(null);
    expect(await change).toMatchObject({ outcome: 'changed', hold: { booking_id: 'new' } });
    expect(calls).toEqual(['A-2,A-3 for old']);
  });

  it('that another customer has leave the hold as it is', async () => {
    const { calls, change } = answers(new Problem(409, 'seat-taken', { seats: ['A-3'] }));
    expect(await change).toEqual({ outcome: 'kept', hold: old, taken: ['A-3'] });
    expect(calls).toHaveLength(1);
  });

  it('are held although the old hold is over', async () => {
    for (const slug of ['hold-expired', 'booking-cancelled']) {
      const { calls, change } = answers(new Problem(409, slug), null);
      expect(await change).toMatchObject({ outcome: 'changed' });
      expect(calls).toEqual(['A-2,A-3 for old', 'A-2,A-3 for null']);
    }
  });

  it('are refused while the old ones are being paid', async () => {
    const { change } = answers(new Problem(409, 'payment-in-progress'));
    await expect(change).rejects.toMatchObject({ slug: 'payment-in-progress' });
  });
});

describe('other seats', () => {
  it('are held before the old ones are released', async () => {
    const house = new House();
    expect(await house.change('B-1', 'B-2')).toMatchObject({ outcome: 'changed', hold: { booking_id: 'new-1' } });
    expect(house.calls).toEqual(['hold B-1,B-2', 'release old']);
    expect(house.seats).toEqual([['B-1', 'B-2']]);
  });

  it('that another customer has leave the old hold untouched', async () => {
    const house = new House(['B-2']);
    expect(await house.change('B-1', 'B-2')).toMatchObject({ outcome: 'kept', taken: ['B-2'] });
    expect(house.seats).toEqual([['A-1', 'A-2']]);
    const overlapping = new House(['A-3']);
    expect(await overlapping.change('A-2', 'A-3')).toMatchObject({ outcome: 'kept', taken: ['A-3'] });
    expect(overlapping.calls).toEqual([]);
  });

  it('are one hold, not two, if some of them are held already', async () => {
    const house = new House();
    expect(await house.change('A-2', 'A-3')).toMatchObject({ outcome: 'changed' });
    expect(house.seats).toEqual([['A-2', 'A-3']]);
    const fewer = new House();
    expect(await fewer.change('A-1')).toMatchObject({ outcome: 'changed' });
    expect(fewer.seats).toEqual([['A-1']]);
  });

  it('can be had where the house allows no second hold', async () => {
    const house = new House([], 1);
    expect(await house.change('B-1', 'B-2')).toMatchObject({ outcome: 'changed' });
    expect(house.seats).toEqual([['B-1', 'B-2']]);
  });

  it('that another customer takes in the last moment give the old ones back', async () => {
    const others: string[] = [];
    const house = new House(others, 1, () => {
      others.push('B-1');
    });
    expect(await house.change('B-1', 'B-2')).toMatchObject({ outcome: 'kept', taken: ['B-1'] });
    expect(house.seats).toEqual([['A-1', 'A-2']]);
  });

  it('are reported as lost together with the old ones if both are taken in the last moment', async () => {
    const others: string[] = [];
    const house = new House(others, 1, () => {
      others.push('B-1', 'A-2');
    });
    expect(await house.change('B-1', 'B-2')).toEqual({ outcome: 'lost', taken: ['B-1', 'A-2'] });
  });

  it('are not asked for again after another refusal', async () => {
    const house = new House();
    house.hold = () => Promise.reject(new Problem(409, 'booking-closed'));
    await expect(house.change('B-1')).rejects.toMatchObject({ slug: 'booking-closed' });
    expect(house.seats).toEqual([['A-1', 'A-2']]);
  });

  it('are held although the old hold has lapsed meanwhile, or another tab has released it', async () => {
    for (const slug of ['hold-expired', 'booking-cancelled']) {
      const house = new House([], 3, () => {
        throw new Problem(409, slug);
      });
      expect(await house.change('A-2', 'A-3')).toMatchObject({ outcome: 'changed' });
      expect(house.seats).toEqual([['A-2', 'A-3']]);
    }
  });

  it('are not held while nobody knows whether the old ones are released', async () => {
    const house = new House([], 3, () => {
      throw new Problem(0, 'unreachable');
    });
    await expect(house.change('A-2', 'A-3')).rejects.toMatchObject({ slug: 'unreachable' });
    // Pressing again, once the network is back.
    const later = new House();
    later.held.clear();
    expect(await later.change('A-2', 'A-3')).toMatchObject({ outcome: 'changed' });
  });
});
