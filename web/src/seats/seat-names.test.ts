import { describe, expect, it } from 'vitest';

import { inSeatOrder, seatList, seatRanges, seatsListed } from './seat-names';

describe('the names of several seats', () => {
  it('are in the order of the room, not of the clicks', () => {
    expect(inSeatOrder(['B-1', 'A-10', 'A-2'])).toEqual(['A-2', 'A-10', 'B-1']);
    expect(inSeatOrder(['AA-1', 'B-1', 'Z-3'])).toEqual(['B-1', 'Z-3', 'AA-1']);
    expect(inSeatOrder(['S10-1', 'S2-1', '12-4', '3-9'])).toEqual(['3-9', '12-4', 'S2-1', 'S10-1']);
  });

  it('leave the given list as it is', () => {
    const clicked = ['B-1', 'A-1'];
    inSeatOrder(clicked);
    expect(clicked).toEqual(['B-1', 'A-1']);
  });

  it('are a range where three or more numbers follow each other', () => {
    expect(seatList(['A-3', 'A-1', 'A-2', 'A-5', 'A-4'])).toBe('A-1 to A-5');
    expect(seatList(['A-2', 'A-1'])).toBe('A-1, A-2');
    expect(seatList(['B-1', 'A-9', 'A-11', 'A-10', 'B-3'])).toBe('A-9 to A-11, B-1, B-3');
  });

  it('are no range across rows, or where numbers are left out', () => {
    expect(seatRanges(['A-1', 'B-2', 'C-3'])).toEqual(['A-1', 'B-2', 'C-3']);
    expect(seatRanges(['A-1', 'A-3', 'A-5'])).toEqual(['A-1', 'A-3', 'A-5']);
  });

  it('stay as they are if they have no number, and none is named twice', () => {
    expect(seatRanges(['Box', 'A-1', 'A-1'])).toEqual(['A-1', 'Box']);
    expect(seatList([])).toBe('');
  });

  it('end a sentence with a word', () => {
    expect(seatsListed(['A-3', 'C-1', 'A-1', 'A-2'])).toBe('A-1 to A-3 and C-1');
  });
});
