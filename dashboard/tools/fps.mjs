// Pictures a second of the wall in this browser, replaying a recording at the night's own speed. Nothing else should run.
//   node tools/fps.mjs [--size 1920x1080,5760x1080] [--least 57,50] [--seconds 40] [--demo 2000] [--url http://127.0.0.1:8080/] [--profile FILE] [--css "RULES to try"]
// Without --url the synthetic festival's evening is replayed; with it that page is measured; with --demo the live wall of a demo at that
// many orders a second, started for it, whose work is on the same cores. Ends with 1 below --least.
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { startMock } from "../mock/server.mjs";
import { startDemo } from "./demo.mjs";
import { cpuSeconds, gapsOf, openPage, watchGaps } from "./lab.mjs";

const { values } = parseArgs({ options: { size: { type: "string", default: "1920x1080" }, least: { type: "string", default: "0" }, seconds: { type: "string", default: "40" }, demo: { type: "string" }, url: { type: "string" }, profile: { type: "string" }, css: { type: "string" } } });
const sizes = values.size.split(",").map((size) => size.split("x").map(Number)), least = values.least.split(",").map(Number);
const seconds = Number(values.seconds), rate = Number(values.demo ?? 1);
if (!(sizes.every(([w, h]) => w > 0 && h > 0) && least.every((n) => n >= 0) && seconds > 0 && rate > 0)) { console.error("--size WIDTHxHEIGHT,...; --least a number for each; --seconds and --demo above 0"); process.exit(2); }

const demo = values.demo === undefined ? null : await startDemo(rate);
const mock = values.url === undefined && demo === null ? await startMock() : null;
let low = false;
try {
  for (const [i, [width, height]] of sizes.entries()) low = (await measure(width, height)) < (least[i] ?? least[0]) || low;
} finally {
  await demo?.close();
  await mock?.close();
}
if (low) console.error(`below the least: ${values.least} fps are asked for`);
process.exit(low ? 1 : 0);

/** Measures one size, says what it found, gives the pictures a second. */
async function measure(width, height) {
  const { page, pids, session, close } = await openPage(width, height);
  try {
    const path = `/replay/day.jsonl?at=2026-11-11T20:00:00%2B08:00&seconds=${seconds + 60}`;
    await page.goto(values.url ?? (demo === null ? `${mock.url}/?replay=${encodeURIComponent(path)}` : `${demo.url}/`), { waitUntil: "commit", timeout: 120_000 });
    await page.waitForFunction(() => Number(document.querySelector(".figure")?.dataset.value ?? 0) > 0, null, { timeout: 120_000 });
    if (values.css) await page.addStyleTag({ content: values.css });
    await page.waitForTimeout(8000); // arcs fly, fonts are there
    if (values.profile) { await session.send("Profiler.enable"); await session.send("Profiler.start"); }
    const before = cpuSeconds(pids());
    await watchGaps(page);
    await page.waitForTimeout(seconds * 1000);
    const { fps, worst, slow } = await gapsOf(page);
    const cpu = (cpuSeconds(pids()) - before) / seconds;
    if (values.profile) writeFileSync(values.profile, JSON.stringify((await session.send("Profiler.stop")).profile));
    const state = await page.evaluate(() => document.querySelector("[data-badge]")?.dataset.state);
    console.log(`${width}x${height}${demo === null ? "" : `, beside a demo at ${rate}/s (${state})`}: ${fps.toFixed(1)} fps over ${seconds} s, ${(slow * 100).toFixed(1)} % of gaps over 34 ms, longest ${Math.round(worst)} ms, ` +
      `${cpu.toFixed(2)} cores of the browser, ${((cpu * 1000) / fps).toFixed(1)} ms of CPU a picture`);
    return fps;
  } finally {
    await close();
  }
}
