// A day on the wall in minutes: 24 h of official frames of the synthetic festival at 1920 x 1080, as a replay. Ends with 1 when
// the heap after a forced collection grew by 2 MB or more, or a picture came more than 1 s after the one before. The first look at
// the heap is taken once pools, fonts and the frames read ahead are there: after a third of the time, at most a minute.
//   node tools/soak.mjs [--minutes 20] [--hours 24]; without --hours fewer minutes play less of the day at the same pace: --minutes 3 is a short try of 3.6 h
import { parseArgs } from "node:util";
import { startMock } from "../mock/server.mjs";
import { census, gapsOf, growth, heapMB, openPage, watchGaps } from "./lab.mjs";

const MOST_GROWTH_MB = 2;
const MOST_GAP_MS = 1000;
const { values } = parseArgs({ options: { minutes: { type: "string", default: "20" }, hours: { type: "string" } } });
const minutes = Number(values.minutes), hours = values.hours === undefined ? Math.min(24, Number((minutes * 1.2).toFixed(2))) : Number(values.hours);
const seconds = Math.round(hours * 3600);
const speed = seconds / (minutes * 60);
if (!(minutes > 0 && hours > 0 && hours <= 24 && speed <= 200)) { console.error("--minutes above 0, --hours above 0 and at most 24, and no more than 200 times as fast: a short try is --minutes 3"); process.exit(2); }

const warm = Math.min(60_000, minutes * 20_000);
const sayEvery = Math.min(60_000, minutes * 6_000);
console.log(`soak of the wall: ${hours} h of frames in ${minutes} min, ${speed.toFixed(1)} times as fast; the first look at the heap after ${Math.round(warm / 1000)} s`);

const mock = await startMock();
const { page, session, close } = await openPage(1920, 1080);
const problems = [];
page.on("pageerror", (e) => problems.push(e.message));
try {
  const path = `/replay/day.jsonl?seconds=${seconds}`;
  await page.goto(`${mock.url}/?replay=${encodeURIComponent(path)}&speed=${speed}`, { waitUntil: "commit", timeout: 120_000 });
  await page.waitForFunction(() => Number(document.querySelector(".figure")?.dataset.value ?? 0) > 0, null, { timeout: 120_000 });
  const until = Date.now() + minutes * 60_000;
  await page.waitForTimeout(warm);
  const held = await census(session); // stands still for it, so before gaps are watched for
  const first = await heapMB(session);
  await watchGaps(page);
  let heap = first, most = first, figure = 0;
  for (let said = 0; Date.now() < until - 3000;) {
    await page.waitForTimeout(Math.min(10_000, Math.max(0, until - 3000 - Date.now())));
    heap = await heapMB(session);
    most = Math.max(most, heap);
    const now = await page.evaluate(() => ({ clock: document.querySelector(".clock")?.textContent, figure: Number(document.querySelector(".figure")?.dataset.value) }));
    if (now.figure < figure) problems.push(`the figure fell from ${figure} to ${now.figure}`);
    figure = now.figure;
    if (Date.now() - said > sayEvery) { said = Date.now(); console.log(`${now.clock}  heap ${heap.toFixed(2)} MB  ${JSON.stringify(await gapsOf(page))}`); }
  }
  const { fps, worst, slow } = await gapsOf(page);
  console.log(`soak of the wall: ${hours} h in ${minutes} min (x${speed.toFixed(1)}), 1920x1080, software rendering: heap ${first.toFixed(2)} -> ${heap.toFixed(2)} MB (most ${most.toFixed(2)}), ` +
    `${fps.toFixed(1)} pictures a second, longest gap ${Math.round(worst)} ms, ${(slow * 100).toFixed(1)} % over 34 ms`);
  console.log(["what grew by constructor:", ...growth(held, await census(session))].join("\n"));
  if (heap - first >= MOST_GROWTH_MB) problems.push(`the heap grew by ${(heap - first).toFixed(2)} MB: less than ${MOST_GROWTH_MB} are allowed`);
  const played = await page.evaluate(() => document.querySelector(".clock")?.textContent);
  console.log(`the wall's clock came to ${played}`);
  const [h, m, sec] = played.split(":").map(Number);
  const share = (h * 3600 + m * 60 + sec) / (seconds - 10 * speed); // the last seconds are not waited for
  if (share < 0.95) problems.push(`only ${(share * 100).toFixed(0)} % of the ${hours} h were played in time: the machine is busy; a replay waits for its frames`);
  if (worst > MOST_GAP_MS) problems.push(`a gap of ${Math.round(worst)} ms: at most ${MOST_GAP_MS} are allowed`);
} finally {
  await close();
  await mock.close();
}
for (const p of problems) console.error(p);
process.exit(problems.length > 0 ? 1 : 0);
