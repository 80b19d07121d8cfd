// The wall's scripts as built: what index.html names, gzipped (notes: at most 60 kB), and no other languages among them.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { expect, it } from "vitest";

const MOST = 60_000;

it("loads at most 60 kB of JavaScript, gzipped, and no languages but its own", () => {
  const page = readFileSync("dist/index.html", "utf8");
  const scripts = [...page.matchAll(/"\/(assets\/[\w.-]+\.js)"/g)].map((m) => m[1] ?? "");
  expect(scripts).toContain("assets/wall.js");
  const all = scripts.map((name) => readFileSync(`dist/${name}`));
  // Each script that another one imports is named by the page too: nothing is loaded later.
  for (const text of all) for (const [, name] of text.toString().matchAll(/from\s*"\.\/([\w.-]+\.js)"/g)) expect(scripts).toContain(`assets/${name}`);
  expect(scripts.filter((name) => /languages|uplot|pages/.test(name))).toEqual([]);
  expect(all.reduce((sum, text) => sum + gzipSync(text, { level: 9 }).length, 0)).toBeLessThanOrEqual(MOST);
});
