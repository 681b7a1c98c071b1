// Fails the build if a first visit would load more script than the house allows.
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const BYTES_MAX = 200_000;
const manifest = JSON.parse(readFileSync('dist/.vite/manifest.json', 'utf8'));
const entry = Object.values(manifest).find((chunk) => chunk.isEntry);
const size = (file) => gzipSync(readFileSync(`dist/${file}`)).length;

function closure(chunk, seen = new Set()) {
  if (seen.has(chunk.file)) return seen;
  seen.add(chunk.file);
  for (const name of chunk.imports ?? []) closure(manifest[name], seen);
  return seen;
}

let failed = false;
for (const [name, chunk] of Object.entries(manifest)) {
  if (!name.startsWith('src/pages/') && !name.startsWith('src/admin/')) continue;
  const files = [...closure(entry), ...closure(chunk)].filter((file, index, all) => all.indexOf(file) === index);
  const bytes = files.reduce((total, file) => total + size(file), 0);
  const verdict = bytes > BYTES_MAX ? 'too much' : 'ok';
  failed ||= bytes > BYTES_MAX;
  if (process.argv.includes('--verbose') || bytes > BYTES_MAX) console.log(`${String(bytes).padStart(8)} B  ${name}  ${verdict}`);
}
if (failed) {
  console.error(`A page loads more than ${BYTES_MAX} bytes of script (gzip) at first.`);
  process.exit(1);
}
