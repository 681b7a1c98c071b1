import { describe, expect, it } from 'vitest';

import { fitting, held, zoomed } from './map/camera';
import { room } from './for-tests';
import type { SeatMap } from '../api/types';
import { DRAWN_MAX, inSight, seatAtPoint } from './map/in-sight';
import { changed } from './map/live';
import { drawPlan, neighbour, SEAT, stopOf, type Plan } from './map/plan';
import { isOverLimit, selectionAfter, takenFrom, withOwn, type Selection } from './choice/use-selection';
import { whileVisible } from './map/while-visible';

describe('the plan', () => {
  it('centres short rows and leaves room for aisles', () => {
    const plan = drawPlan(room('A gold ..', 'B gold ..|..'));
    const [a, b] = plan.rows;
    expect((a?.left ?? 0) + (a?.right ?? 0)).toBeCloseTo((b?.left ?? 0) + (b?.right ?? 0));
    expect((plan.byName.get('B-3')?.x ?? 0) - (plan.byName.get('B-2')?.x ?? 0)).toBeGreaterThan(1.5);
  });

  it('names each run of a category once', () => {
    const plan = drawPlan(room('A gold .', 'B gold .', 'C silver .', 'D gold .'));
    expect(plan.bands.map((band) => band.category)).toEqual(['gold', 'silver', 'gold']);
    expect(plan.categories).toEqual(['gold', 'silver']);
  });

  it('leads the keyboard along rows and to the nearest seat of the next', () => {
    const plan = drawPlan(room('A gold ....', 'B gold ..', 'C gold ....'));
    expect(neighbour(plan, 'A-1', 'ArrowRight')).toBe('A-2');
    expect(neighbour(plan, 'A-1', 'ArrowLeft')).toBeNull();
    expect(neighbour(plan, 'A-4', 'ArrowDown')).toBe('B-2');
    expect(neighbour(plan, 'B-1', 'ArrowDown')).toBe('C-2');
    expect(neighbour(plan, 'A-2', 'End')).toBe('A-4');
    expect(neighbour(plan, 'A-2', 'PageDown')).toBe('C-2');
    expect(neighbour(plan, 'C-1', 'ArrowDown')).toBeNull();
  });
});

describe('a real room', () => {
  const bent = (curve: number, ...texts: string[]): SeatMap => {
    const map = room(...texts);
    return { ...map, rows: map.rows.map((row) => ({ ...row, curve })) };
  };
  const renamed = (map: SeatMap, label: string, numbers: number[]): SeatMap => ({
    ...map,
    rows: map.rows.map((row) =>
      row.label === label
        ? { ...row, seats: row.seats.map((seat, at) => ({ ...seat, seat: `${label}-${String(numbers[at])}` })) }
        : row,
    ),
  });
  const standing = (map: SeatMap, label: string): SeatMap => ({
    ...map,
    rows: map.rows.map((row) => (row.label === label ? { ...row, standing: true } : row)),
  });
  const x = (plan: Plan, name: string) => plan.byName.get(name)?.x ?? NaN;
  const y = (plan: Plan, name: string) => plan.byName.get(name)?.y ?? NaN;

  it('has gaps where seats are missing, also in front of the first seat', () => {
    const plan = drawPlan(room('A gold ......', 'B gold _._..__'));
    expect(x(plan, 'B-1')).toBeCloseTo(x(plan, 'A-2') - 0.5);
    expect(x(plan, 'B-2') - x(plan, 'B-1')).toBe(2);
    expect(x(plan, 'B-3') - x(plan, 'B-2')).toBe(1);
  });

  it('shows the numbers that its seats have', () => {
    const plan = drawPlan(renamed(room('A gold ..|..'), 'A', [7, 2, 3, 1]));
    expect(plan.rows[0]?.seats.map(({ number }) => number)).toEqual(['7', '2', '3', '1']);
    expect(x(plan, 'A-3') - x(plan, 'A-2'), 'the aisle is after number 2').toBeGreaterThan(1.5);
    expect(x(plan, 'A-1') - x(plan, 'A-3')).toBe(1);
  });

  it('bends rows towards the stage, without seats on top of each other', () => {
    const plan = drawPlan(bent(6, 'A gold ...........', 'B gold .......', 'C gold ............'));
    expect(y(plan, 'A-6')).toBeGreaterThan(y(plan, 'A-1') + 4);
    expect(y(plan, 'A-1')).toBeCloseTo(y(plan, 'A-11'));
    const seats = [...plan.byName.values()];
    for (const one of seats)
      for (const other of seats)
        if (one !== other)
          expect(
            Math.abs(one.x - other.x) >= SEAT || Math.abs(one.y - other.y) >= SEAT,
            `${one.name} and ${other.name}`,
          ).toBe(true);
    const at = plan.byName.get('A-1');
    expect(seatAtPoint(plan, (at?.x ?? 0) + 0.5, (at?.y ?? 0) + 0.5)).toBe('A-1');
    expect(Math.min(...seats.map((seat) => seat.y))).toBeGreaterThan(3.7);
  });

  it('has a heading for each level, above its categories', () => {
    const map = room('A gold ..', 'B gold ..', 'C gold ..');
    const rows = map.rows.map((row, at) => ({ ...row, level: at < 2 ? 'Stalls' : 'Balcony' }));
    const plan = drawPlan({ rows });
    expect(plan.levels.map(({ name }) => name)).toEqual(['Stalls', 'Balcony']);
    expect(plan.bands.map(({ category }) => category)).toEqual(['gold', 'gold']);
    const [stalls, balcony] = plan.levels;
    expect(stalls?.y).toBeLessThan(plan.bands[0]?.y ?? 0);
    expect(stalls?.bottom).toBeLessThan(balcony?.y ?? 0);
    expect(balcony?.y).toBeLessThan(plan.bands[1]?.y ?? 0);
    expect(drawPlan(room('A gold ..')).levels).toEqual([]);
  });

  it('draws a standing area as one box, which is one stop of the keyboard', () => {
    const plan = drawPlan(standing(room('P gold ....', 'A gold ......'), 'P'));
    expect(plan.drawn).toBe(6);
    expect(plan.areas.get('P')?.width).toBeGreaterThan(6);
    expect(plan.rows[0]?.seats).toEqual([]);
    expect(plan.byName.get('P-3')).toMatchObject({ row: 0, index: 2 });
    expect([stopOf(plan, 'P-3'), stopOf(plan, 'A-2'), stopOf(plan, 'P'), stopOf(plan, 'Z-1')]).toEqual([
      'P',
      'A-2',
      'P',
      null,
    ]);
    expect(neighbour(plan, 'A-1', 'ArrowUp')).toBe('P');
    expect(neighbour(plan, 'P', 'ArrowDown')).toBe('A-3');
    expect(neighbour(plan, 'P', 'ArrowRight')).toBeNull();
    const crowd = drawPlan(standing(room(`P gold ${'.'.repeat(900)}`, 'A gold ......'), 'P'));
    expect(inSight(crowd, { x: 5, y: 5, scale: 4 }, { width: 360, height: 450 }), 'not a large room').not.toBeNull();
  });
});

describe('live changes', () => {
  it('replace only the rows they affect', () => {
    const map = room('A gold ..', 'B gold ..');
    const next = changed(map, [{ seat: 'B-1', status: 'held' }], 9);
    expect(next.position).toBe(9);
    expect(next.rows[0]).toBe(map.rows[0]);
    expect(next.rows[1]?.seats[0]?.status).toBe('held');
  });

  it('that are already applied change nothing', () => {
    const map = room('A gold x.');
    expect(changed(map, [{ seat: 'A-1', status: 'sold' }], 1)).toBe(map);
  });

  it('keep my seats mine until they are freed', () => {
    const map = room('A gold o.');
    const seat = map.rows[0]?.seats[0];
    if (seat) seat.held_by_me = true;
    const sold = changed(map, [{ seat: 'A-1', status: 'sold' }], 2);
    expect(sold.rows[0]?.seats[0]).toMatchObject({ status: 'sold', sold_to_me: true });
    expect(changed(sold, [{ seat: 'A-1', status: 'free' }], 3).rows[0]?.seats[0]).not.toHaveProperty('sold_to_me');
  });
});

describe('a large room', () => {
  const arena = drawPlan(room(...Array.from({ length: 100 }, (_, row) => `R${String(row)} gold ${'.'.repeat(100)}`)));
  const phone = { width: 360, height: 450 };
  const whole = { x: arena.width / 2, y: arena.height / 2, scale: fitting(arena, phone) };

  it('is drawn as shapes while too many seats are in sight', () => {
    expect(arena.byName.size).toBe(10_000);
    expect(inSight(arena, whole, phone)).toBeNull();
  });

  it('is drawn seat by seat where a finger can hit them, and only there', () => {
    const near = { x: 50, y: 60, scale: 46 };
    const spans = inSight(arena, near, phone);
    const drawn = spans?.reduce((total, { from, to }) => total + to - from, 0) ?? 0;
    expect(drawn).toBeGreaterThan(80);
    expect(drawn).toBeLessThanOrEqual(DRAWN_MAX);
    const corners = [-0.5, 0.5].flatMap((x) => [-0.5, 0.5].map((y) => [x, y] as const));
    for (const [x, y] of corners) {
      const name = seatAtPoint(
        arena,
        near.x + (x * phone.width) / near.scale,
        near.y + (y * phone.height) / near.scale,
      );
      const at = arena.byName.get(name ?? '');
      const span = spans?.[at?.row ?? 0];
      expect(at && span && at.index >= span.from && at.index < span.to, String(name)).toBe(true);
    }
  });

  it('draws the same seats again after a small movement', () => {
    const near = { x: 50, y: 60, scale: 46 };
    expect(inSight(arena, { ...near, x: 49.95 }, phone)).toEqual(inSight(arena, near, phone));
  });

  it('leaves an ordinary hall whole, for screen readers', () => {
    const hall = drawPlan(room(...Array.from({ length: 13 }, (_, row) => `R${String(row)} gold ${'.'.repeat(15)}`)));
    expect(inSight(hall, { x: 5, y: 5, scale: 46 }, phone)?.every(({ from, to }) => from === 0 && to === 15)).toBe(
      true,
    );
  });

  it('finds the seat below a finger without an element for it', () => {
    const at = arena.byName.get('R42-7');
    expect(seatAtPoint(arena, (at?.x ?? 0) + 0.5, (at?.y ?? 0) + 0.5)).toBe('R42-7');
    expect(seatAtPoint(arena, 0.1, 0.1)).toBeNull();
  });
});

describe('the camera', () => {
  const plan = { width: 20, height: 10 };
  const window = { width: 200, height: 200 };

  it('shows the whole room first and never zooms out further', () => {
    expect(fitting(plan, window)).toBe(10);
    expect(held({ x: 0, y: 0, scale: 1 }, plan, window)).toEqual({ x: 10, y: 5, scale: 10 });
  });

  it('keeps the point under the finger where it is', () => {
    const before = { x: 10, y: 5, scale: 20 };
    const after = zoomed(before, 1.5, 40, 0, plan, window);
    expect(after.x + 40 / after.scale).toBeCloseTo(before.x + 40 / before.scale);
  });

  it('does not leave the room', () => {
    const { x } = held({ x: 99, y: 5, scale: 20 }, plan, window);
    expect(x).toBe(15);
  });
});

describe('the selection', () => {
  const map = room('A gold ..x.');
  const plan = drawPlan(map);
  const toggle = (before: Selection, name: string, seatsMax = 10) =>
    selectionAfter(before, { type: 'toggled', name, map, plan, own: [], seatsMax, currency: 'INR' });
  const of = (...seats: string[]): Selection => ({ seats, lost: ['A-3'], news: '' });

  it('adds a free seat, names the total and forgets the lost seats', () => {
    expect(toggle(of('A-1'), 'A-2')).toEqual({
      seats: ['A-1', 'A-2'],
      lost: [],
      news: 'Seat A-2 chosen, 2 seats, 2 rupees.',
    });
  });

  it('removes a seat that is already chosen', () => {
    expect(toggle(of('A-1', 'A-2'), 'A-1')).toMatchObject({ seats: ['A-2'], news: 'Seat A-1 is no longer chosen.' });
  });

  it('never adds a taken seat', () => {
    expect(toggle(of('A-1'), 'A-3')).toMatchObject({ seats: ['A-1'], news: 'Seat A-3 is taken.' });
  });

  it('stops at the limit of a booking', () => {
    expect(toggle(of('A-1', 'A-2'), 'A-4', 2).seats).toEqual(['A-1', 'A-2']);
    expect(isOverLimit(['A-1', 'A-2'], 'A-4', map, plan, [], 2)).toBe(true);
    expect(isOverLimit(['A-1', 'A-2'], 'A-1', map, plan, [], 2)).toBe(false);
    expect(isOverLimit(['A-1'], 'A-4', map, plan, [], 2)).toBe(false);
  });

  it('drops the seats of a refused booking and remembers them as lost', () => {
    expect(selectionAfter(of('A-1', 'A-2'), { type: 'refused', taken: ['A-2'] })).toMatchObject({
      seats: ['A-1'],
      lost: ['A-2'],
    });
  });

  it('drops seats that another customer got, and is the same object if there are none', () => {
    const before = of('A-1', 'A-3');
    expect(takenFrom(before.seats, map)).toEqual(['A-3']);
    expect(selectionAfter(before, { type: 'map-changed', map })).toMatchObject({ seats: ['A-1'], lost: ['A-3'] });
    const free = of('A-1');
    expect(selectionAfter(free, { type: 'map-changed', map })).toBe(free);
  });

  it('replaces the selection by the best seats', () => {
    const after = selectionAfter(of('A-4'), { type: 'best-found', found: ['A-1', 'A-2'] });
    expect(after).toEqual({ seats: ['A-1', 'A-2'], lost: [], news: 'A-1 and A-2 chosen.' });
  });

  it('announces several seats in the order of the room', () => {
    const best = selectionAfter(of(), { type: 'best-found', found: ['B-1', 'A-3', 'A-1', 'A-2'] });
    expect(best.news).toBe('A-1 to A-3 and B-1 chosen.');
    const kept = selectionAfter(of(), { type: 'hold-kept', seats: ['A-2', 'A-1'] });
    expect(kept).toMatchObject({ seats: ['A-2', 'A-1'], news: 'A-1 and A-2 kept.' });
  });
});

describe('seats that are held already', () => {
  const map = room('A gold ..o.', 'B gold ..');
  const plan = drawPlan(map);

  it('can be chosen again and left out by their owner, and by nobody else', () => {
    const empty: Selection = { seats: [], lost: [], news: '' };
    const toggle = (own: string[]) =>
      selectionAfter(empty, { type: 'toggled', name: 'A-3', map, plan, own, seatsMax: 10, currency: 'INR' }).seats;
    expect(toggle(['A-3'])).toEqual(['A-3']);
    expect(toggle([])).toEqual([]);
    expect(isOverLimit(['A-1'], 'A-3', map, plan, ['A-3'], 1)).toBe(true);
  });

  it('are the start of a new choice, but do not replace one', () => {
    const found = { type: 'hold-found', seats: ['A-3'] } as const;
    expect(selectionAfter({ seats: [], lost: [], news: '' }, found).seats).toEqual(['A-3']);
    expect(selectionAfter({ seats: ['A-1'], lost: [], news: '' }, found).seats).toEqual(['A-1']);
  });

  it('stay chosen while the map does not know yet whose they are', () => {
    const before: Selection = { seats: ['A-3'], lost: [], news: '' };
    expect(selectionAfter(before, { type: 'map-changed', map }).seats).toEqual([]);
    const marked = withOwn(map, ['A-3']);
    expect(selectionAfter(before, { type: 'map-changed', map: marked })).toBe(before);
    expect(marked.rows[1]).toBe(map.rows[1]);
    expect(withOwn(marked, ['A-3'])).toBe(marked);
  });
});

describe('a live stream', () => {
  /** A browser tab whose page comes into sight and goes out of it. */
  class Tab extends EventTarget {
    visibilityState: DocumentVisibilityState = 'hidden';
    show(state: DocumentVisibilityState) {
      this.visibilityState = state;
      this.dispatchEvent(new Event('visibilitychange'));
    }
  }

  it('is open only in tabs in sight, so that seven seat maps need no seventh connection', () => {
    let open = 0;
    const tabs = Array.from({ length: 7 }, () => new Tab());
    const ends = tabs.map((tab) =>
      whileVisible(
        () => {
          open += 1;
          return () => {
            open -= 1;
          };
        },
        tab as unknown as Document,
      ),
    );
    expect(open).toBe(0);
    for (const tab of tabs) {
      for (const other of tabs) other.show(other === tab ? 'visible' : 'hidden');
      expect(open).toBe(1);
    }
    tabs.at(-1)?.show('visible');
    expect(open).toBe(1);
    for (const end of ends) end();
    tabs.at(-1)?.show('visible');
    expect(open).toBe(0);
  });
});
