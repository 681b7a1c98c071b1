/** Motifs of posters, in plain shapes. */

/** Size of the drawing, in its own units. */
export const WIDTH = 300;
export const HEIGHT = 450;

export interface Palette {
  ground: string;
  ink: string;
  one: string;
  two: string;
}

export interface Shape {
  d: string;
  fill?: string;
  stroke?: string;
  width?: number;
  opacity?: number;
}

export type Motif = (random: () => number, palette: Palette) => Shape[];

const circle = (x: number, y: number, r: number): string =>
  `M${n(x - r)} ${n(y)}a${n(r)} ${n(r)} 0 1 0 ${n(2 * r)} 0a${n(r)} ${n(r)} 0 1 0 ${n(-2 * r)} 0z`;
const box = (x: number, y: number, w: number, h: number): string => `M${n(x)} ${n(y)}h${n(w)}v${n(h)}h${n(-w)}z`;
const n = (value: number): string => String(Math.round(value * 10) / 10);
const between = (random: () => number, low: number, high: number): number => low + random() * (high - low);
export const pick = <T>(random: () => number, items: readonly T[]): T =>
  items[Math.floor(random() * items.length)] as T;

export const horizon: Motif = (random, { one, two, ink }) => {
  const y = between(random, 210, 250);
  const x = between(random, 90, 210);
  const r = between(random, 74, 108);
  const bars = Array.from({ length: 7 }, (_, index) => ({
    d: box(0, y + index * (11 + index * 2.4), WIDTH, 2.2 + index * 1.9),
    fill: index % 2 ? ink : two,
  }));
  return [{ d: circle(x, y - r * 0.32, r), fill: one }, { d: box(0, y, WIDTH, HEIGHT), fill: 'ground' }, ...bars];
};

export const rings: Motif = (random, { one, two }) => {
  const x = between(random, 100, 200);
  const drift = between(random, -5, 5);
  const colours = [one, 'ground', two, 'ground'];
  return Array.from({ length: 11 }, (_, index) => ({
    d: circle(x + drift * index, 190 + index * 1.8, 176 - index * 16),
    fill: colours[index % 4] ?? one,
  }));
};

/** Rainbows: one large out of a corner, or two that face each other. */
export const arcs: Motif = (random, { one, two, ink }) => {
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

export const waves: Motif = (random, { one, two, ink }) => {
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

export const tiles: Motif = (random, { one, two, ink }) => {
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

export const beams: Motif = (random, { one, two, ink }) => {
  const x = between(random, 110, 190);
  const spread = between(random, 42, 62);
  const rays = [-1.7, -0.55, 0.55, 1.7].map((turn, index): Shape => ({
    d: `M${n(x)} 26L${n(x + turn * 104 - spread)} 340H${n(x + turn * 104 + spread)}z`,
    fill: index % 2 ? two : one,
    opacity: 0.82,
  }));
  return [...rays, { d: circle(x, 26, 17), fill: ink }, { d: box(0, 338, WIDTH, 3), fill: ink }];
};

export const skyline: Motif = (random, { one, two, ink }) => {
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

export const peaks: Motif = (random, { one, two, ink }) => {
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

export const slashes: Motif = (random, { one, two, ink }) => {
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

export const halftone: Motif = (random, { one, two }) => {
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

export const drapes: Motif = (random, { one, two, ink }) => {
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
