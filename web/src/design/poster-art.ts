/**
 * Drawn posters for shows without one, derived from the title and genre: the same every time and on every machine.
 * Pure: returns plain shapes; `poster.tsx` renders them.
 */

import {
  WIDTH,
  arcs,
  beams,
  drapes,
  halftone,
  horizon,
  peaks,
  pick,
  rings,
  skyline,
  slashes,
  tiles,
  waves,
  type Motif,
  type Palette,
  type Shape,
} from './poster-motifs';

export type Lettering = 'narrow' | 'wide' | 'serif';

export interface Art {
  palette: Palette;
  shapes: Shape[];
  lettering: Lettering;
  lines: string[];
  size: number;
  /** Baseline of the first line. */
  top: number;
  /** Line between the picture and the lettering. */
  floor: number;
}

const p = (ground: string, ink: string, one: string, two: string): Palette => ({ ground, ink, one, two });

interface Manner {
  palettes: Palette[];
  motifs: Motif[];
  letterings: Lettering[];
}

const MANNERS: Record<string, Manner> = {
  drama: {
    palettes: [
      p('#12343b', '#f4efe6', '#e9734f', '#2c6e73'),
      p('#f2e6d9', '#23211f', '#c8553d', '#588b8b'),
      p('#22223b', '#f2e9e4', '#c9ada7', '#9a8c98'),
    ],
    motifs: [horizon, waves, arcs, skyline],
    letterings: ['serif', 'narrow'],
  },
  thriller: {
    palettes: [p('#101012', '#f5f1e8', '#e5383b', '#5c5f66'), p('#e5383b', '#120d0d', '#f5f1e8', '#7a1416')],
    motifs: [rings, slashes, beams],
    letterings: ['narrow'],
  },
  mystery: {
    palettes: [p('#1b1b3a', '#f6e7cb', '#f4d35e', '#693668'), p('#2f4550', '#f4f4f9', '#b8dbd9', '#586f7c')],
    motifs: [rings, halftone, beams],
    letterings: ['serif', 'narrow'],
  },
  crime: {
    palettes: [p('#1f1d1d', '#f2ebe0', '#d1495b', '#edae49'), p('#edae49', '#1c1a19', '#1f1d1d', '#d1495b')],
    motifs: [skyline, slashes, halftone],
    letterings: ['narrow'],
  },
  comedy: {
    palettes: [
      p('#ffc93c', '#1f1a2e', '#f2545b', '#3a86c8'),
      p('#f2545b', '#fff4e0', '#ffc93c', '#19323c'),
      p('#8bd3dd', '#1a1b41', '#f582ae', '#fef6e4'),
    ],
    motifs: [tiles, arcs, halftone],
    letterings: ['wide', 'narrow'],
  },
  romance: {
    palettes: [p('#f7c5cc', '#4a0d2b', '#cc313d', '#fff0ee'), p('#5b1230', '#fde2e4', '#e56b6f', '#b5838d')],
    motifs: [waves, horizon, arcs],
    letterings: ['serif'],
  },
  horror: {
    palettes: [p('#0c0d0e', '#e9f7d2', '#b4ff39', '#2b3a20'), p('#160f29', '#f3dfc1', '#e63946', '#45224d')],
    motifs: [rings, beams, peaks],
    letterings: ['narrow'],
  },
  'science fiction': {
    palettes: [p('#0b1340', '#eaf6ff', '#5ce1e6', '#6d5dfc'), p('#1a0633', '#f9e9ff', '#ff5dad', '#5d3fd3')],
    motifs: [rings, arcs, halftone],
    letterings: ['wide'],
  },
  action: {
    palettes: [p('#ff5a1f', '#170f0b', '#ffd166', '#170f0b'), p('#1d1a16', '#fff3dc', '#ff5a1f', '#8f2d0c')],
    motifs: [slashes, peaks, rings],
    letterings: ['narrow', 'wide'],
  },
  adventure: {
    palettes: [p('#1e4d3b', '#f6ead2', '#f2a65a', '#58a37c'), p('#f2a65a', '#2a1a12', '#772f1a', '#f6ead2')],
    motifs: [peaks, horizon, waves],
    letterings: ['narrow', 'serif'],
  },
  animation: {
    palettes: [p('#74c7ec', '#14213d', '#ffe066', '#ff8c61'), p('#ffe066', '#22223b', '#ff6b6b', '#4ecdc4')],
    motifs: [tiles, arcs, waves],
    letterings: ['wide'],
  },
  family: {
    palettes: [p('#ff9f6b', '#2b1b12', '#ffe8c2', '#c6432c'), p('#bde0a8', '#183a1d', '#f6f5ae', '#4d8b55')],
    motifs: [tiles, horizon, waves],
    letterings: ['wide', 'serif'],
  },
  music: {
    palettes: [p('#3c1361', '#ffe9c9', '#f7b801', '#b5179e'), p('#f7b801', '#2d1430', '#c1292e', '#2d1430')],
    motifs: [arcs, rings, beams],
    letterings: ['wide', 'narrow'],
  },
  musical: {
    palettes: [p('#7b0d1e', '#ffe5b9', '#f8b500', '#3d0610'), p('#f8b500', '#3d0610', '#7b0d1e', '#fff3d6')],
    motifs: [drapes, beams, arcs],
    letterings: ['wide', 'serif'],
  },
  sport: {
    palettes: [p('#0f7b3f', '#f8fff4', '#f8fff4', '#0a5229'), p('#f4f1de', '#1d3557', '#e63946', '#457b9d')],
    motifs: [slashes, arcs, horizon],
    letterings: ['wide', 'narrow'],
  },
  play: {
    palettes: [
      p('#3a0713', '#fbe9d0', '#b3162e', '#7d0f22'),
      p('#14213d', '#f7ead0', '#31487a', '#22355f'),
      p('#f5eddc', '#34101a', '#c3423f', '#8f2233'),
    ],
    motifs: [drapes, beams],
    letterings: ['serif'],
  },
  satire: {
    palettes: [p('#f6f3ea', '#141414', '#e63946', '#141414'), p('#141414', '#f6f3ea', '#f4d35e', '#565656')],
    motifs: [tiles, slashes, drapes],
    letterings: ['narrow', 'serif'],
  },
};
const OTHER: Manner = {
  palettes: [p('#283044', '#ebf5ee', '#78a1bb', '#bfa89e'), p('#ebe3d5', '#2a2a2a', '#e07a5f', '#81b29a')],
  motifs: [tiles, arcs, horizon, rings],
  letterings: ['narrow', 'serif', 'wide'],
};

/** FNV-1a: the same number for the same text everywhere. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const letter of text) value = Math.imul(value ^ (letter.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  return value;
}

/** Mulberry32: the same numbers for the same seed everywhere. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Average width of a letter and height of a line, relative to the font size. */
const LETTERS: Record<Lettering, { width: number; line: number; largest: number }> = {
  narrow: { width: 0.53, line: 0.9, largest: 76 },
  wide: { width: 0.8, line: 1.02, largest: 44 },
  serif: { width: 0.43, line: 0.98, largest: 62 },
};

/** Breaks a title so that its letters can be as large as possible in `width` × `height`. */
export function setTitle(
  title: string,
  lettering: Lettering,
  width: number,
  height: number,
): { lines: string[]; size: number } {
  const words = title.trim().split(/\s+/);
  const letter = LETTERS[lettering];
  let best: { lines: string[]; size: number } = { lines: [title], size: 0 };
  for (let wanted = 1; wanted <= Math.min(words.length, 6); wanted += 1) {
    const lines = broken(words, wanted);
    const longest = Math.max(...lines.map((line) => line.length), 1);
    const size = Math.min(width / (longest * letter.width), height / (lines.length * letter.line), letter.largest);
    // Fewer lines win unless more make the letters clearly larger.
    if (size > best.size * 1.08) best = { lines, size };
  }
  return best;
}

/** Breaks words into at most `count` lines, with the longest as short as possible. */
function broken(words: string[], count: number): string[] {
  const total = words.join(' ').length;
  for (let longest = Math.ceil(total / count); longest <= total; longest += 1) {
    const lines: string[] = [];
    for (const word of words) {
      const last = lines.at(-1);
      if (last !== undefined && last.length + 1 + word.length <= longest) lines[lines.length - 1] = `${last} ${word}`;
      else lines.push(word);
    }
    if (lines.length <= count && lines.every((line) => line.length <= longest)) return lines;
  }
  return [words.join(' ')];
}

/** Style of the first genre that has one. */
function mannerOf(genres: readonly string[]): Manner {
  const known = genres.map((genre) => MANNERS[genre.toLowerCase()]).filter((manner) => manner !== undefined);
  return known[0] ?? OTHER;
}

export function paletteOf(title: string, genres: readonly string[]): Palette {
  return pick(numbers(hash(title)), mannerOf(genres).palettes);
}

export function drawPoster(title: string, genres: readonly string[]): Art {
  const random = numbers(hash(title));
  const manner = mannerOf(genres);
  const palette = pick(random, manner.palettes);
  const lettering = pick(random, manner.letterings);
  const motif = pick(random, manner.motifs);
  const shapes = motif(random, palette).map((shape) =>
    shape.fill === 'ground' ? { ...shape, fill: palette.ground } : shape,
  );
  const text = lettering === 'serif' ? title : title.toUpperCase();
  const room = 116;
  const { lines, size } = setTitle(text, lettering, WIDTH - 36, room);
  const block = lines.length * size * LETTERS[lettering].line;
  const top = 404 - block + size * (lettering === 'serif' ? 0.82 : 0.84);
  return { palette, shapes, lettering, lines, size, top, floor: 392 - block };
}

/** Distance between two lines of the title, relative to the font size. */
export function lineHeight(lettering: Lettering): number {
  return LETTERS[lettering].line;
}
