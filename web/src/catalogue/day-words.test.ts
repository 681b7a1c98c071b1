import { describe, expect, it } from 'vitest';

import { dayMeant } from './day-words';

const meant = (query: string) => dayMeant(query, '2026-11-30');

describe('a day in a search', () => {
  it('is found among other words, with typos, and in Hindi', () => {
    expect(meant('drama tonight')).toEqual({ day: '2026-11-30', rest: 'drama' });
    expect(meant('Tomorrow')).toEqual({ day: '2026-12-01', rest: '' });
    expect(meant('comedy tommorow')).toEqual({ day: '2026-12-01', rest: 'comedy' });
    expect(meant('tomorow')).toEqual({ day: '2026-12-01', rest: '' });
    expect(meant('कल कॉमेडी')).toEqual({ day: '2026-12-01', rest: 'कॉमेडी' });
  });

  it('is not made of other words', () => {
    for (const query of ['horror', 'tomato', 'night', 'toon', 'tomorrowland', 'कलकत्ता', ''])
      expect(meant(query), query).toBeNull();
  });
});
