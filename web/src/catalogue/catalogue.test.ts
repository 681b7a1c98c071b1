import { describe, expect, it } from 'vitest';

import { drawPoster, setTitle } from '../design/poster-art';
import { marked, matches } from './matching';

describe('search without an index', () => {
  it('forgives a typo, half words and accents', () => {
    expect(matches('harbor', 'Harbour Lights, Second Shift')).toBeGreaterThan(0);
    expect(matches('jruy clocks', 'A Jury of Clocks')).toBeGreaterThan(0);
    expect(matches('maisn', "La Maison d'en face")).toBeGreaterThan(0);
    expect(matches('marm', 'Marmalade')).toBeGreaterThan(0.9);
    expect(matches('theo', 'Théo')).toBe(1);
  });

  it('wants every word', () => {
    expect(matches('paper trains', 'Paper Planets')).toBe(0);
    expect(matches('', 'Paper Planets')).toBe(0);
  });

  it('marks what was found', () => {
    expect(marked('A Jury of Clocks', 'jury').filter((part) => part.hit).map((part) => part.text)).toEqual(['Jury']);
  });
});

describe('drawn posters', () => {
  it('are the same each time', () => {
    expect(drawPoster('Marmalade', ['Play'])).toEqual(drawPoster('Marmalade', ['Play']));
  });

  it('hold any title', () => {
    for (const title of ['M', 'Harbour Lights, Second Shift', 'Donaudampfschifffahrtsgesellschaftskapitän', 'a '.repeat(90), '']) {
      const { lines, size, floor } = drawPoster(title, []);
      expect(lines.join(' ').length, title).toBeGreaterThanOrEqual(title.trim().length);
      expect(size).toBeGreaterThan(0);
      expect(floor).toBeGreaterThan(200);
    }
  });

  it('break lines where it makes the letters larger', () => {
    expect(setTitle('THE QUIET FLOOR', 'narrow', 264, 116).lines.length).toBeGreaterThan(1);
    expect(setTitle('GANGWAY', 'narrow', 264, 116).lines).toEqual(['GANGWAY']);
  });
});
