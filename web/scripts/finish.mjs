// After a build: packs the files once, so that nobody packs them at each request, and fails if a first visit would load more
// script than the house allows. With --verbose it tells every page's size.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

/** Of script, packed, for the frame and any one page. */
const BYTES_MAX = 200_000;
const PACKED = /\.(js|css|html|svg|json)$/;

for (const name of readdirSync('dist', { recursive: true })) {
  if (PACKED.test(name) && !name.startsWith('.'))
    writeFileSync(`dist/${name}.gz`, gzipSync(readFileSync(`dist/${name}`), { level: 9 }));
}

const manifest = JSON.parse(readFileSync('dist/.vite/manifest.json', 'utf8'));
const entry = Object.values(manifest).find((chunk) => chunk.isEntry);
const size = (file) => readFileSync(`dist/${file}.gz`).length;

/** A chunk and what it needs at once. */
function needed(chunk, files = new Set()) {
  if (files.has(chunk.file)) return files;
  files.add(chunk.file);
  for (const name of chunk.imports ?? []) needed(manifest[name], files);
  return files;
}

let tooMuch = false;
for (const [name, chunk] of Object.entries(manifest)) {
  if (!/^src\/(pages|admin)\//.test(name)) continue;
  const files = new Set([...needed(entry), ...needed(chunk)]);
  const bytes = [...files].reduce((total, file) => total + size(file), 0);
  tooMuch ||= bytes > BYTES_MAX;
  if (process.argv.includes('--verbose') || bytes > BYTES_MAX)
    console.log(`${String(bytes).padStart(8)} bytes  ${name}`);
}
if (tooMuch) {
  console.error(`A page loads more than ${BYTES_MAX} bytes of script at first.`);
  process.exit(1);
}
