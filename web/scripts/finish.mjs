// After a build: writes the files of the pages into start.js, which loads them beside the app; packs the files once, so that nobody packs them at each request, and fails if a first visit would load more
// script than the house allows. With --verbose it tells every page's size.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

/** Of script, packed, for the frame and any one page. */
const BYTES_MAX = 200_000;
/** Of the widget, packed, which other sites load. */
const WIDGET_BYTES_MAX = 10_000;
/** Pages that people open from outside, by the path of the page; `*` stands for an id. */
const PAGES = {
  '': 'home',
  shows: 'shows',
  'shows/*': 'show',
  'screenings/*': 'seats',
  search: 'search',
  venues: 'venues',
  'venues/*': 'venue',
  bookings: 'bookings',
  'bookings/*': 'booking',
  'checkout/*': 'checkout',
  shared: 'shared',
  wallet: 'account/wallet',
};
const PACKED = /\.(js|css|html|svg|json)$/;

const manifest = JSON.parse(readFileSync('dist/.vite/manifest.json', 'utf8'));
const entry = Object.values(manifest).find((chunk) => chunk.isEntry);

/** A language of developers, which no reader is offered. */
const PSEUDO = 'ar-XB';

/** A chunk and what it needs at once. */
function needed(chunk, files = new Set()) {
  if (files.has(chunk.file)) return files;
  files.add(chunk.file);
  for (const name of chunk.imports ?? []) needed(manifest[name], files);
  return files;
}

/** Files of a part of the texts of work, which pages for people who work for the house load in the reader's language. */
function workTexts(tag, part) {
  return [...needed(manifest[`src/i18n/work/${tag}/${part}.ts`])].filter((file) => !needed(entry).has(file));
}

const pages = Object.entries(PAGES).map(([path, name]) => {
  const files = [...needed(manifest[`src/pages/${name}.tsx`])].filter((file) => !needed(entry).has(file));
  return [path, files.map((file) => `/${file}`)];
});
let filled = readFileSync('dist/start.js', 'utf8');
const tags = /var LANGUAGES = \{(.*)\};/.exec(filled)?.[1].match(/[\w-]+(?=['"]?:)/g) ?? [];
const languages = tags.map((tag) => {
  const files = [...needed(manifest[`src/i18n/${tag}.ts`])].filter((file) => !needed(entry).has(file));
  return [tag, files.map((file) => `/${file}`)];
});
const doorTexts = tags.filter((tag) => tag !== PSEUDO).map((tag) => workTexts(tag, 'door'));
for (const [name, files] of Object.entries({ PAGES: pages, LANGUAGES: languages })) {
  const before = filled;
  filled = before.replace(
    new RegExp(`var ${name} = \\{.*\\};`),
    () => `var ${name} = ${JSON.stringify(Object.fromEntries(files))};`,
  );
  if (filled === before) throw new Error(`start.js has no place for the files of ${name}`);
}
writeFileSync('dist/start.js', filled);

// What opens without a network: the frame of the app, the pages with tickets, and the door with its camera.
const fonts = Object.values(manifest).filter(({ file }) => /archivo-(text|headline)[^/]*\.woff2$/.test(file));
const offline = ['bookings', 'booking', 'shared'].flatMap((name) => [...needed(manifest[`src/pages/${name}.tsx`])]);
const atDoor = manifest['src/door/page.tsx'];
const door = [atDoor, ...atDoor.dynamicImports.map((name) => manifest[name])].flatMap((chunk) => [...needed(chunk)]);
const kept = new Set(
  [...offline, ...door, ...doorTexts.flat(), ...(entry.css ?? []), ...fonts.map(({ file }) => file)]
    .map((file) => `/${file}`)
    .concat(languages.filter(([tag]) => tag !== PSEUDO).flatMap(([, files]) => files)),
);
const files = ['/', '/start.js', '/mark.svg', ...kept];
const version = createHash('sha256').update(files.join()).update(filled).digest('hex').slice(0, 12);
const worker = readFileSync('dist/sw.js', 'utf8');
const working = worker
  .replace('const FILES = [];', () => `const FILES = ${JSON.stringify(files)};`)
  .replace("const VERSION = 'none';", `const VERSION = '${version}';`);
if (working === worker) throw new Error('sw.js has no place for the files of the app');
writeFileSync('dist/sw.js', working);

for (const name of readdirSync('dist', { recursive: true })) {
  if (PACKED.test(name) && !name.startsWith('.'))
    writeFileSync(`dist/${name}.gz`, gzipSync(readFileSync(`dist/${name}`), { level: 9 }));
}
const size = (file) => readFileSync(`dist/${file}.gz`).length;

const sizeOf = (files) => [...files].reduce((total, file) => total + size(file), 0);
const largest = Math.max(...languages.map(([, files]) => sizeOf(files)));
/** Packed texts of the parts that a page for people who work for the house loads, by the folder of the page. */
const PARTS = [
  [/^src\/door\//, ['door']],
  [/^src\/admin\/(catalogue|schedule)\/|^src\/admin\/counter\/screening-desk/, ['house', 'programme']],
  [/^src\/admin\/(system|money|promotions|people)\/|^src\/admin\/dashboard/, ['house', 'office']],
  [/^src\/admin\//, ['house']],
];
function atWork(name) {
  const parts = PARTS.find(([pages]) => pages.test(name))?.[1] ?? [];
  const sizes = tags.map((tag) => sizeOf(new Set(parts.flatMap((part) => workTexts(tag, part)))));
  return Math.max(...sizes);
}
let tooMuch = false;
// Pages are what the routes name. What a page itself loads later, such as a dialog, does not delay its first visit.
for (const name of entry.dynamicImports) {
  if (!/^src\/(pages|admin|door)\//.test(name)) continue;
  const chunk = manifest[name];
  const files = new Set([...needed(entry), ...needed(chunk)]);
  const bytes = largest + atWork(name) + sizeOf(files);
  tooMuch ||= bytes > BYTES_MAX;
  if (process.argv.includes('--verbose') || bytes > BYTES_MAX)
    console.log(`${String(bytes).padStart(8)} bytes  ${name}`);
}
if (size('widget.js') > WIDGET_BYTES_MAX) {
  console.error(`The widget has more than ${WIDGET_BYTES_MAX} bytes.`);
  process.exit(1);
}
if (tooMuch) {
  console.error(`A page loads more than ${BYTES_MAX} bytes of script at first.`);
  process.exit(1);
}
