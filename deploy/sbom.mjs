// Writes the software bill of materials of the program as CycloneDX: `cargo metadata … | node deploy/sbom.mjs`. npm writes that of
// the web app itself.

import { readFileSync } from "node:fs";

const metadata = JSON.parse(readFileSync(0, "utf8"));
const lock = readFileSync("Cargo.lock", "utf8");
const checksums = new Map(
  [...lock.matchAll(/name = "(.+)"\nversion = "(.+)"\nsource = .+\nchecksum = "(.+)"/g)].map(
    ([, name, version, checksum]) => [`${name}@${version}`, checksum],
  ),
);

// What the program links, from its own package down; not what only builds or tests it.
const nodes = new Map(metadata.resolve.nodes.map((node) => [node.id, node]));
const program = metadata.packages.find(({ name }) => name === "ticketshow");
const linked = new Set();
const waiting = [program.id];
while (waiting.length > 0) {
  const id = waiting.pop();
  if (linked.has(id)) continue;
  linked.add(id);
  const kinds = nodes.get(id).deps.filter(({ dep_kinds }) => dep_kinds.some(({ kind }) => kind === null));
  waiting.push(...kinds.map(({ pkg }) => pkg));
}

const reference = ({ name, version }) => `pkg:cargo/${name}@${version}`;
const component = (crate) => ({
  type: crate.id === program.id ? "application" : "library",
  "bom-ref": reference(crate),
  name: crate.name,
  version: crate.version,
  purl: reference(crate),
  ...(crate.license ? { licenses: [{ expression: crate.license.replaceAll("/", " OR ") }] } : {}),
  ...(checksums.has(`${crate.name}@${crate.version}`)
    ? { hashes: [{ alg: "SHA-256", content: checksums.get(`${crate.name}@${crate.version}`) }] }
    : {}),
});
const crates = new Map(metadata.packages.map((crate) => [crate.id, crate]));
const used = [...linked].map((id) => crates.get(id)).sort((a, b) => (reference(a) < reference(b) ? -1 : 1));
const bill = {
  bomFormat: "CycloneDX",
  specVersion: "1.5",
  version: 1,
  metadata: { component: component(program) },
  components: used.filter(({ id }) => id !== program.id).map(component),
  dependencies: used.map((crate) => ({
    ref: reference(crate),
    dependsOn: nodes
      .get(crate.id)
      .deps.filter(({ pkg }) => linked.has(pkg))
      .map(({ pkg }) => reference(crates.get(pkg))),
  })),
};
process.stdout.write(`${JSON.stringify(bill, null, 2)}\n`);
