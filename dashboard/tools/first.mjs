// How soon after opening the wall its first number is on screen, on loopback. Each opening is a new browser profile with nothing cached,
// then the same page again. Ends with 1 where the median of the first openings is above --most ms.
//   node tools/first.mjs [--times 5] [--size 1920x1080] [--most 1500] [--url http://127.0.0.1:8080/]
// Without --url the synthetic festival is opened.
import { parseArgs } from "node:util";
import { startMock } from "../mock/server.mjs";
import { openPage } from "./lab.mjs";

const { values } = parseArgs({ options: { times: { type: "string", default: "5" }, size: { type: "string", default: "1920x1080" }, most: { type: "string", default: "1500" }, url: { type: "string" } } });
const [width, height] = values.size.split("x").map(Number);
const times = Number(values.times), most = Number(values.most);
if (!(width > 0 && height > 0 && times > 0 && most > 0)) { console.error("--size WIDTHxHEIGHT, --times and --most above 0"); process.exit(2); }

const mock = values.url === undefined ? await startMock() : null;
const url = values.url ?? `${mock.url}/`;
const found = { cold: [], warm: [] };
for (let i = 0; i < times; i++) {
  const { page, close } = await openPage(width, height);
  try {
    await page.goto("about:blank");
    found.cold.push(await first(page));
    found.warm.push(await first(page));
  } finally {
    await close();
  }
}
await mock?.close();
const median = (list) => [...list].sort((a, b) => a - b)[list.length >> 1];
for (const [name, list] of Object.entries(found)) console.log(`first number, ${name} cache: median ${median(list)} ms of ${list.join(", ")}`);
if (median(found.cold) > most) { console.error(`above ${most} ms`); process.exit(1); }

/** Ms from the address being entered to the picture that has the number, by the page's own clock. */
async function first(page) {
  await page.goto(url, { waitUntil: "commit" });
  return page.evaluate(() => new Promise((done) => {
    const look = () => {
      const there = Number(document.querySelector(".figure")?.dataset.value ?? -1) >= 0 && document.querySelector(".wall.first") === null;
      requestAnimationFrame(there ? (next) => done(Math.round(next)) : look); // the picture after it was set: it has been painted
    };
    requestAnimationFrame(look);
  }));
}
