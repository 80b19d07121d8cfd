// Pictures a second of the wall in this browser, replaying a recording at the night's own speed. Nothing else should run.
//   node tools/fps.mjs [--size 1920x1080] [--seconds 40] [--url http://127.0.0.1:8080/] [--profile FILE] [--css "RULES to try"]
// Without --url the synthetic festival's evening is replayed; with it that page is measured, such as a demo's live wall.
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { startMock } from "../mock/server.mjs";
import { cpuSeconds, gapsOf, openPage, watchGaps } from "./lab.mjs";

const { values } = parseArgs({ options: { size: { type: "string", default: "1920x1080" }, seconds: { type: "string", default: "40" }, url: { type: "string" }, profile: { type: "string" }, css: { type: "string" } } });
const [width, height] = values.size.split("x").map(Number);
const seconds = Number(values.seconds);
if (!(width > 0 && height > 0 && seconds > 0)) { console.error("--size WIDTHxHEIGHT and --seconds above 0"); process.exit(2); }

const mock = values.url === undefined ? await startMock() : null;
const { page, pids, session, close } = await openPage(width, height);
try {
  const path = `/replay/day.jsonl?at=2026-11-11T20:00:00%2B08:00&seconds=${seconds + 60}`;
  await page.goto(values.url ?? `${mock.url}/?replay=${encodeURIComponent(path)}`, { waitUntil: "commit", timeout: 120_000 });
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
  console.log(`${values.size}: ${fps.toFixed(1)} fps over ${seconds} s, ${(slow * 100).toFixed(1)} % of gaps over 34 ms, longest ${Math.round(worst)} ms, ${cpu.toFixed(2)} cores of the browser, ${((cpu * 1000) / fps).toFixed(1)} ms of CPU a picture`);
} finally {
  await close();
  await mock?.close();
}
