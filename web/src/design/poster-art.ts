/**
 * Drawn posters for shows without one, derived from the title and genre: the same every time and on every machine.
 * Pure: returns plain shapes; `poster.tsx` renders them.
 */

/** Size of the drawing, in its own units. */
export const WIDTH = 300;
export const HEIGHT = 450;

export interface Palette {
  ground: string;
  ink: string;
  one: string;
  two: string;
}

export type Lettering = 'narrow' | 'wide' | 'serif';

export interface Shape {
  d: string;
  fill?: string;
  stroke?: string;
  width?: number;
  opacity?: number;
}

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

type Motif = (random: () => number, palette: Palette) => Shape[];

interface Manner {
  palettes: Palette[];
  motifs: Motif[];
  letterings: Lettering[];
}

const circle = (x: number, y: number, r: number): string =>
  `M${n(x - r)} ${n(y)}a${n(r)} ${n(r)} 0 1 0 ${n(2 * r)} 0a${n(r)} ${n(r)} 0 1 0 ${n(-2 * r)} 0z`;
const box = (x: number, y: number, w: number, h: number): string => `M${n(x)} ${n(y)}h${n(w)}v${n(h)}h${n(-w)}z`;
const n = (value: number): string => String(Math.round(value * 10) / 10);
const between = (random: () => number, low: number, high: number): number => low + random() * (high - low);
const pick = <T>(random: () => number, items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;

const horizon: Motif = (random, { one, two, ink }) => {
  const y = between(random, 210, 250);
  const x = between(random, 90, 210);
  const r = between(random, 74, 108);
  const bars = Array.from({ length: 7 }, (_, index) => ({
    d: box(0, y + index * (11 + index * 2.4), WIDTH, 2.2 + index * 1.9),
    fill: index % 2 ? ink : two,
  }));
  return [{ d: circle(x, y - r * 0.32, r), fill: one }, { d: box(0, y, WIDTH, HEIGHT), fill: 'ground' }, ...bars];
};

const rings: Motif = (random, { one, two }) => {
  const x = between(random, 100, 200);
  const drift = between(random, -5, 5);
  const colours = [one, 'ground', two, 'ground'];
  return Array.from({ length: 11 }, (_, index) => ({
    d: circle(x + drift * index, 190 + index * 1.8, 176 - index * 16),
    fill: colours[index % 4] ?? one,
  }));
};

/** Rainbows: one large out of a corner, or two that face each other. */
const arcs: Motif = (random, { one, two, ink }) => {
  const colours = random() < 0.5 ? [one, two, ink] : [two, ink, one];
  const bow = (x: number, y: number, radius: number, step: number, order: readonly string[]): Shape[] =>
    Array.from({ length: Math.min(9, Math.floor(radius / step)) }, (_, index) => ({
      d: circle(x, y, radius - index * step),
      fill: index % 2 ? 'ground' : (order[(index / 2) % order.length] ?? one),
    }));
  const kind = Math.floor(random() * 4);
  const step = between(random, 22, 44);
  if (kind === 0) return bow(random() < 0.5 ? 0 : WIDTH, 0, 300, step, colours);
  if (kind === 1) return bow(between(random, 90, 210), 300, 210, step * 0.8, colours);
  if (kind === 2)
    return [...bow(0, 40, 190, step * 0.7, colours), ...bow(WIDTH, 270, 170, step * 0.7, [...colours].reverse())];
  return [
    ...bow(WIDTH / 2, -30, 200, step * 0.75, colours),
    ...bow(WIDTH / 2, 330, 130, step * 0.75, [...colours].reverse()),
  ];
};

const waves: Motif = (random, { one, two, ink }) => {
  const phase = random() * 80;
  const moon: Shape = {
    d: circle(between(random, 70, 230), between(random, 90, 130), between(random, 36, 58)),
    fill: one,
  };
  const colours = [two, one, ink, two, one];
  const layers = colours.map((fill, index): Shape => {
    const y = 180 + index * 34;
    const a = 26 - index * 2;
    const w = 150;
    let d = `M${n(-w + ((phase + index * 47) % w) - w)} ${String(y)}`;
    for (let hump = 0; hump < 5; hump += 1) d += `q${n(w / 4)} ${n(-a)} ${n(w / 2)} 0t${n(w / 2)} 0`;
    return { d: `${d}V${String(HEIGHT)}H-300z`, fill, opacity: index % 2 ? 1 : 0.92 };
  });
  return [moon, ...layers, { d: box(0, 352, WIDTH, 100), fill: 'ground' }];
};

const tiles: Motif = (random, { one, two, ink }) => {
  const side = 75;
  const colours = [one, two, ink, one];
  const shapes: Shape[] = [];
  for (let row = 0; row < 4; row += 1) {
    for (let column = 0; column < 4; column += 1) {
      const x = column * side;
      const y = row * side;
      const fill = pick(random, colours);
      const kind = Math.floor(random() * 6);
      if (kind === 0)
        shapes.push({ d: `M${n(x)} ${n(y)}h${n(side)}a${n(side)} ${n(side)} 0 0 1 ${n(-side)} ${n(side)}z`, fill });
      if (kind === 1)
        shapes.push({
          d: `M${n(x + side)} ${n(y + side)}h${n(-side)}a${n(side)} ${n(side)} 0 0 1 ${n(side)} ${n(-side)}z`,
          fill,
        });
      if (kind === 2) shapes.push({ d: circle(x + side / 2, y + side / 2, side / 2 - 4), fill });
      if (kind === 3) shapes.push({ d: `M${n(x)} ${n(y)}h${n(side)}v${n(side)}z`, fill });
      if (kind === 4)
        shapes.push(
          { d: `M${n(x)} ${n(y + side / 2)}a${n(side / 2)} ${n(side / 2)} 0 0 1 ${n(side)} 0z`, fill },
          { d: `M${n(x)} ${n(y + side)}a${n(side / 2)} ${n(side / 2)} 0 0 1 ${n(side)} 0z`, fill },
        );
      if (kind === 5) shapes.push({ d: box(x, y, side, side), fill });
    }
  }
  return shapes;
};

const beams: Motif = (random, { one, two, ink }) => {
  const x = between(random, 110, 190);
  const spread = between(random, 42, 62);
  const rays = [-1.7, -0.55, 0.55, 1.7].map((turn, index): Shape => ({
    d: `M${n(x)} 26L${n(x + turn * 104 - spread)} 340H${n(x + turn * 104 + spread)}z`,
    fill: index % 2 ? two : one,
    opacity: 0.82,
  }));
  return [...rays, { d: circle(x, 26, 17), fill: ink }, { d: box(0, 338, WIDTH, 3), fill: ink }];
};

const skyline: Motif = (random, { one, two, ink }) => {
  const shapes: Shape[] = [{ d: circle(between(random, 60, 240), 110, between(random, 48, 72)), fill: one }];
  let x = -10;
  while (x < WIDTH) {
    const w = between(random, 26, 58);
    const h = between(random, 70, 210);
    shapes.push({ d: box(x, 340 - h, w, h + 4), fill: pick(random, [two, ink, two]) });
    for (let lamp = 0; lamp < 5; lamp += 1) {
      if (random() < 0.55) shapes.push({ d: box(x + 7 + random() * (w - 18), 348 - h + lamp * 26, 5, 8), fill: one });
    }
    x += w + 3;
  }
  return [...shapes, { d: box(0, 341, WIDTH, 120), fill: 'ground' }];
};

const peaks: Motif = (random, { one, two, ink }) => {
  const shapes: Shape[] = [
    { d: circle(between(random, 70, 230), between(random, 80, 120), between(random, 34, 50)), fill: ink },
  ];
  [two, one, two, 'ground'].forEach((fill, index) => {
    const base = 250 + index * 36;
    let d = `M-20 ${String(HEIGHT)}V${n(base)}`;
    for (let x = -20; x <= WIDTH + 40; x += 60) {
      d += `L${n(x + 30)} ${n(base - between(random, 30, 120) + index * 16)}`;
      d += `L${n(x + 60)} ${n(base - between(random, 0, 22))}`;
    }
    shapes.push({ d: `${d}V${String(HEIGHT)}z`, fill, opacity: fill === 'ground' ? 1 : 0.94 - index * 0.04 });
  });
  return shapes;
};

const slashes: Motif = (random, { one, two, ink }) => {
  const shapes: Shape[] = [];
  let x = -260;
  const colours = [one, 'ground', two, 'ground', one, ink];
  let index = 0;
  while (x < WIDTH) {
    const w = between(random, 12, 46);
    shapes.push({
      d: `M${n(x)} 330L${n(x + 230)} 0h${n(w)}L${n(x + w)} 330z`,
      fill: colours[index % colours.length] ?? one,
    });
    x += w + between(random, 4, 16);
    index += 1;
  }
  return shapes;
};

const halftone: Motif = (random, { one, two }) => {
  const x = between(random, 40, 260);
  const y = between(random, 60, 220);
  const shapes: Shape[] = [];
  let d = '';
  for (let row = 0; row < 19; row += 1) {
    for (let column = 0; column < 16; column += 1) {
      const cx = column * 20 + (row % 2) * 10;
      const cy = 12 + row * 18;
      const r = 11 - Math.hypot(cx - x, cy - y) / 26;
      if (r > 0.7) d += circle(cx, cy, Math.min(r, 9.4));
    }
  }
  shapes.push({ d: circle(WIDTH - x, 300 - y * 0.6, 62), fill: two }, { d, fill: one });
  return shapes;
};

const drapes: Motif = (random, { one, two, ink }) => {
  const opening = between(random, 60, 96);
  const shapes: Shape[] = [
    { d: `M${n(150 - opening)} 344a${n(opening)} ${n(opening * 1.2)} 0 0 1 ${n(opening * 2)} 0z`, fill: ink },
  ];
  const folds = 7;
  for (let index = 0; index < folds; index += 1) {
    const w = (150 - opening * 0.22) / folds;
    const sway = (1 - index / folds) * 10;
    const tuck = index * opening * 0.09;
    const fill = index % 2 ? one : two;
    const h = 344;
    shapes.push({
      d: [
        `M${n(index * w)} 0h${n(w + 1)}`,
        `C${n(index * w + w + 3)} 150 ${n(index * w + w - tuck + sway)} 250`,
        ` ${n((index + 1) * w - tuck * 1.6)} ${String(h)}`,
        `H${n(index * w - tuck * 1.6)}`,
        `C${n(index * w - tuck)} 250 ${n(index * w + 3)} 150 ${n(index * w)} 0z`,
      ].join(''),
      fill,
    });
    const r = WIDTH - index * w;
    shapes.push({
      d: [
        `M${n(r)} 0h${n(-w - 1)}`,
        `C${n(r - w - 3)} 150 ${n(r - w + tuck - sway)} 250 ${n(r - w + tuck * 1.6)} ${String(h)}`,
        `H${n(r + tuck * 1.6)}C${n(r + tuck)} 250 ${n(r - 3)} 150 ${n(r)} 0z`,
      ].join(''),
      fill,
    });
  }
  return [...shapes, { d: box(0, 344, WIDTH, 4), fill: ink }];
};

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
