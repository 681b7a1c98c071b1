import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';

import door from './en/door';
import house from './en/house';
import office from './en/office';
import programme from './en/programme';

const PARTS = { door, house, programme, office };
type Part = keyof typeof PARTS;

/** A module and all that it imports at once. */
function modulesOf(path: string, seen = new Set<string>()): Set<string> {
  const file = ['', '.ts', '.tsx'].map((ending) => path + ending).find((one) => /\.tsx?$/.test(one) && existsSync(one));
  if (!file || seen.has(file)) return seen;
  seen.add(file);
  for (const [, from = ''] of readFileSync(file, 'utf8').matchAll(/^(?:import|\}) [^;]*?from '(\.[^']+)';/gm))
    modulesOf(join(dirname(file), from), seen);
  return seen;
}

/** Places of the texts of work that a page reads. */
function readBy(page: string): Set<string> {
  const sources = [...modulesOf(page)].map((file) => readFileSync(file, 'utf8'));
  return new Set(sources.flatMap((source) => [...source.matchAll(/\bw\.(\w+)\./g)].map(([, place = '']) => place)));
}

const ROUTE = /import\('\.\/((?:door|admin)\/[^']+)'\)(?:, '(\w+)')?/g;

it('each page loads the parts of the texts that it reads', () => {
  const routes = [...readFileSync('src/routes.tsx', 'utf8').matchAll(ROUTE)];
  expect(routes.length).toBeGreaterThan(20);
  for (const [, page = '', part] of routes) {
    // The frame of the administration loads its part before any of its pages is shown.
    const parts = [...(page.startsWith('admin/') ? (['house'] as const) : []), ...(part ? [part as Part] : [])];
    const loaded = new Set(parts.flatMap((one) => Object.keys(PARTS[one])));
    const missing = [...readBy(`src/${page}`)].filter((place) => !loaded.has(place));
    expect(missing, page).toEqual([]);
  }
});

it('no page of customers reads them, and no place is in two parts', () => {
  expect([...readBy('src/main.tsx')]).toEqual([]);
  const places = Object.values(PARTS).flatMap((part) => Object.keys(part));
  expect(new Set(places).size).toBe(places.length);
});
