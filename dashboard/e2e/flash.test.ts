// The wall in motion, recorded in Chromium and held against the flash limits of ITU-R BT.1702: the opening, a celebration, a running night.
// A strobe of four flashes a second, laid over the same page, has to be found by the same recording.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Page } from "playwright-core";
import { type Browser, openBrowser } from "./browser";
import { changes, flashing, record } from "./flashes";
import { openWorld, PATIENCE, waitState, type World } from "./world";

const SLOW = 180_000;
/** BT.1702: a quarter of the picture. The wall keeps to a tenth. */
const HARMFUL = 0.25;
const OURS = 0.1;
const WIDTH = 640; // small, so that many pictures a second are drawn; every length is in units of the width
const HEIGHT = 360;
const CELEBRATION_MS = 8000;

let world: World;
let browser: Browser;
let lab: Page;

beforeAll(async () => {
  [world, browser] = await Promise.all([openWorld(), openBrowser()]);
  lab = await browser.page(400, 300);
}, SLOW);

afterAll(async () => {
  await browser.close();
  await world.close();
});

async function open(jump: string, state: string): Promise<Page> {
  world.mock?.set({ jump });
  const page = await browser.page(WIDTH, HEIGHT);
  await page.goto(`${world.url}/?motion=full`);
  await waitState(page, state, PATIENCE);
  await page.bringToFront();
  return page;
}

async function measured(name: string, page: Page, during: () => Promise<unknown>): Promise<void> {
  const found = flashing(await record(page, lab, during));
  console.log(`flashes, ${name}: ${found.pictures} pictures, at most ${found.most} changes of a cell in a second, ${(100 * found.share).toFixed(1)} % of the picture above six`);
  expect(found.share).toBeLessThanOrEqual(OURS);
  await page.close();
}

describe("changes of one cell", () => {
  const at = (ys: number[]): { at: number; y: number }[] => ys.map((y, i) => ({ at: i / 10, y }));
  it("are turns of a tenth of the peak or more", () => {
    expect(changes(at([0, 0.2, 0, 0.2, 0]))).toEqual([0.1, 0.2, 0.3, 0.4]);
    expect(changes(at([0, 0.09, 0, 0.09, 0]))).toEqual([]);
    expect(changes(at([0, 0.05, 0.1, 0.3, 0.6, 1]))).toEqual([0.2]); // one rise, however long
    expect(changes(at([0.85, 1, 0.85, 1]))).toEqual([]); // bright on both sides
  });
});

describe.skipIf(process.env.FESTIVAL_URL)("flashes", () => {
  it("a strobe over the wall is found", async () => {
    const page = await open("2026-11-11T14:22:14+08:00", "live");
    await page.addStyleTag({ content: "@keyframes strobe { 50% { opacity: 1 } } body::after { content: ''; position: fixed; inset: 0; z-index: 99; background: #fff; opacity: 0; animation: strobe .25s steps(1) infinite }" });
    const found = flashing(await record(page, lab, () => page.waitForTimeout(3000)));
    expect(found.share).toBeGreaterThan(HARMFUL);
    await page.close();
  }, SLOW);
  it("the last seconds of a countdown, and the opening", async () => {
    const page = await open("2026-11-10T23:59:50+08:00", "before");
    await measured("opening", page, () => waitState(page, "live", PATIENCE).then(() => page.waitForTimeout(4000)));
  }, SLOW);
  it("a celebration", async () => {
    const page = await open("2026-11-11T13:33:02+08:00", "live");
    await measured("celebration", page, () => page.waitForSelector(".milestone", { timeout: PATIENCE }).then(() => page.waitForTimeout(CELEBRATION_MS + 1000)));
  }, SLOW);
  it("a running night", async () => {
    const page = await open("2026-11-11T00:01:00+08:00", "live");
    await measured("running", page, () => page.waitForTimeout(5000));
  }, SLOW);
});
