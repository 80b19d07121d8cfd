// Makes src/wall/land.json: which dots of the wall's map stand on land. Run by hand (`npm run map`), the result is
// committed. `node tools/land.mjs 260 land-wide.json` makes the ultra wall's. Source: world-atlas land-110m (ISC), Natural Earth data, public domain. No border is read or written.
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { geoContains } from "d3-geo";
import { feature } from "topojson-client";

// The projection of src/wall/project.ts in units of the map's width: central meridian 150° E, cut at 30° W.
const COLUMNS = Number(process.argv[2] ?? 190), NORTH = 73, SOUTH = -55, CUT = -30, SQUASH = 0.98;

const require = createRequire(import.meta.url);
const topology = JSON.parse(readFileSync(require.resolve("world-atlas/land-110m.json"), "utf8"));
const land = feature(topology, topology.objects.land);

const pitch = 360 / COLUMNS; // degrees of longitude between dots of one row
const rowPitch = (pitch * Math.sqrt(3)) / 2 / SQUASH; // degrees of latitude between rows
const rows = Math.floor((NORTH - SOUTH) / rowPitch);
const lines = [];
let count = 0;
for (let r = 0; r < rows; r++) {
  const lat = NORTH - (r + 0.5) * rowPitch;
  let bits = "";
  for (let c = 0; c < COLUMNS; c++) {
    const shift = r % 2 === 0 ? 0.25 : 0.75;
    let lon = CUT + (c + shift) * pitch;
    if (lon > 180) lon -= 360;
    const on = geoContains(land, [lon, lat]);
    if (on) count++;
    bits += on ? "1" : "0";
  }
  lines.push(runs(bits));
}
writeFileSync(new URL(`../src/wall/${process.argv[3] ?? "land.json"}`, import.meta.url), `${JSON.stringify({ columns: COLUMNS, rows: lines })}\n`);
console.log(`${count} dots in ${rows} rows`);

// Alternating run lengths of sea and land, sea first, base 36.
function runs(bits) {
  const out = [];
  let last = "0", n = 0;
  for (const bit of bits) {
    if (bit !== last) { out.push(n.toString(36)); n = 0; last = bit; }
    n++;
  }
  out.push(n.toString(36));
  return out.join(" ");
}
