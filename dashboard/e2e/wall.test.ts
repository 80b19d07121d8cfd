import { mkdirSync } from "node:fs";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Browser, openBrowser } from "./browser";
import { enginePid, heroFen, openWorld, PATIENCE, SOON, statesFor, waitState, type World } from "./world";

const OUT = new URL("./out/", import.meta.url).pathname;
/** States in which a wall shows a figure and the link is up. */
const UP = /live|stale|incomplete|before|frozen|final/;

let world: World;
let browser: Browser;
let page: Page;
const complaints: string[] = [];

beforeAll(async () => {
  mkdirSync(OUT, { recursive: true });
  [world, browser] = await Promise.all([openWorld(), openBrowser()]);
  page = await browser.page(1920, 1080);
  page.on("pageerror", (e) => complaints.push(e.message));
  page.on("console", (m) => { if (/Content Security|is not valid|Uncaught/.test(m.text())) complaints.push(m.text()); });
  await page.goto(`${world.url}/`);
  await waitState(page, UP, PATIENCE);
});

afterAll(async () => {
  await browser.close();
  await world.close();
});

describe("wall", () => {
  it("shows an official number: never above the newest official frame, never falling", async () => {
    const values: number[] = [];
    for (const until = Date.now() + 8000; Date.now() < until || values.length <= 30;) { // a busy machine looks less often
      values.push(await heroFen(page));
      await page.waitForTimeout(60);
    }
    const frame = await (await fetch(`${world.url}/api/v1/frame`)).json() as { total: { gmv_fen: number } };
    expect(values.length).toBeGreaterThan(30);
    for (let i = 1; i < values.length; i++) expect(values[i]).toBeGreaterThanOrEqual(values[i - 1] ?? 0);
    expect(values.at(-1)).toBeLessThanOrEqual(frame.total.gmv_fen);
    await page.screenshot({ path: `${OUT}wall.png` });
  });

  it("gives every figure a plain number", async () => {
    // A festival that has just opened shows few figures at first.
    await page.waitForFunction(() => document.querySelectorAll("[data-figure]").length > 5, null, { timeout: 60_000 });
    const values = await page.$$eval("[data-figure]", (all) => all.map((e) => [e.getAttribute("data-figure"), e.getAttribute("data-value")]));
    expect(values.length).toBeGreaterThan(5);
    for (const [path, value] of values) expect([path, value]).toEqual([path, expect.stringMatching(/^(-?\d+(\.\d+)?)?$/)]);
  });

  it("says lost soon when the connection breaks, keeps the figure, comes back by itself", async () => {
    const before = await heroFen(page);
    world.cable.pull();
    await waitState(page, "lost", SOON);
    await page.waitForTimeout(2500); // long enough for the playing to end
    const resting = await heroFen(page);
    expect(resting).toBeGreaterThanOrEqual(before);
    await page.waitForTimeout(1500);
    expect(await heroFen(page)).toBe(resting);
    await page.screenshot({ path: `${OUT}wall-lost.png` });
    world.cable.mend();
    await waitState(page, UP, SOON);
    expect(await heroFen(page)).toBeGreaterThanOrEqual(resting);
  });

  it("says lost soon when a proxy goes silent", async () => {
    world.cable.pinch();
    await waitState(page, "lost", SOON);
    world.cable.mend();
    await waitState(page, UP, SOON);
  });

  it.skipIf(!process.env.FESTIVAL_DEMO_PID)("rests as stale, steadily, while the engine stands still, and comes back by itself", async () => {
    await waitState(page, "live", 60_000);
    const engine = enginePid();
    if (engine === null) throw new Error("the demo has no engine");
    process.kill(engine, "SIGSTOP");
    try {
      await waitState(page, "stale", SOON);
      expect(await statesFor(page, 14_000)).toEqual(["stale"]);
      await page.screenshot({ path: `${OUT}wall-engine-stopped.png` });
    } finally {
      process.kill(engine, "SIGCONT");
    }
    await waitState(page, "live", 60_000);
  });

  it.skipIf(!process.env.FESTIVAL_DEMO_PID)("never says lost while the engine is killed and started again", async () => {
    process.kill(enginePid() ?? 0, "SIGKILL");
    const seen = await statesFor(page, 15_000);
    expect(seen).not.toContain("lost");
    await waitState(page, "live", 60_000);
  });

  it("has no error on the page and no scroll bar", async () => {
    expect(complaints).toEqual([]);
    expect(await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.scrollHeight])).toEqual([1920, 1080]);
  });
});

describe.skipIf(process.env.FESTIVAL_URL)("wall in every state (mock)", () => {
  const set = (change: Record<string, unknown>): void => world.mock?.set(change);

  it("equals the frame at rest, in every digit, and every part with it", async () => {
    set({ stall: true });
    await page.waitForTimeout(3500);
    const frame = await (await fetch(`${world.url}/api/v1/frame`)).json() as { total: { gmv_fen: number }; countries: { key: string; gmv_fen: number }[] };
    expect(await heroFen(page)).toBe(Math.floor(frame.total.gmv_fen / 100) * 100);
    const digits = await page.$$eval(".digits .strip", (all) => all.map((e) => Math.round((-new DOMMatrix(getComputedStyle(e).transform).m42 / e.getBoundingClientRect().height) * 13) % 10).join(""));
    expect(digits).toBe(String(Math.floor(frame.total.gmv_fen / 100)));
    for (const c of frame.countries) {
      const value = await page.locator(`[data-figure="countries.${c.key}.gmv_fen"]`).first().getAttribute("data-value", { timeout: 200 }).catch(() => null);
      if (value !== null) expect(Number(value)).toBe(Math.floor(c.gmv_fen / 1e8) * 1e8);
    }
    await waitState(page, "stale", SOON);
    await page.screenshot({ path: `${OUT}wall-stale.png` });
    set({ stall: false });
    await waitState(page, "live", SOON);
  });

  it("rests as stale, steadily, while the line only beats", async () => {
    set({ beats: true });
    await waitState(page, "stale", SOON);
    expect(await statesFor(page, 12_000)).toEqual(["stale"]);
    set({ beats: false });
    await waitState(page, "live", SOON);
  });

  it("labels a rehearsal and an incomplete figure", async () => {
    set({ rehearsal: true, incomplete: true });
    await waitState(page, "incomplete", SOON);
    expect(await page.textContent(".rehearsal")).toContain("REHEARSAL");
    expect(await page.textContent(".at-least")).toContain("At least");
    await page.screenshot({ path: `${OUT}wall-incomplete.png` });
    set({ rehearsal: false, incomplete: false });
    await waitState(page, "live", SOON);
    expect(await page.$(".rehearsal")).toBeNull();
  });

  it("rests while frozen and goes on after", async () => {
    const second = new Date(Math.floor((world.mock?.clock() ?? 0) / 1000) * 1000).toISOString();
    set({ frozen: { second, reason: "hold", since: second } });
    await waitState(page, "frozen", SOON);
    await page.waitForTimeout(2500);
    const held = await heroFen(page);
    await page.waitForTimeout(2000);
    expect(await heroFen(page)).toBe(held);
    set({ frozen: null });
    await page.waitForFunction((fen) => Number(document.querySelector<HTMLElement>("[data-figure='total.gmv_fen']")?.dataset.value) > fen, held, { timeout: SOON });
  });

  it("counts down, opens by itself, celebrates what the server says was passed", async () => {
    set({ jump: "2026-11-10T23:59:30+08:00" });
    await page.goto(`${world.url}/`);
    await waitState(page, "before", PATIENCE);
    await page.waitForSelector(".countdown");
    await page.screenshot({ path: `${OUT}wall-countdown.png` });
    await waitState(page, "live", 90_000);
    await page.waitForSelector(".countdown", { state: "detached" });
    await page.waitForTimeout(2500);
    expect(await heroFen(page)).toBeGreaterThan(0);
    await page.screenshot({ path: `${OUT}wall-opened.png` });
    set({ jump: "2026-11-11T13:33:02+08:00" });
    await page.goto(`${world.url}/`);
    await page.waitForSelector(".milestone", { timeout: 20_000 });
    expect(await page.getAttribute(".milestone [data-figure]", "data-value")).toBe("15000000000000");
    await page.waitForTimeout(2000);
    await page.screenshot({ path: `${OUT}wall-milestone.png` });
    await page.waitForSelector(".milestone", { state: "detached", timeout: 10_000 });
  });

  it("says final after the books are closed", async () => {
    set({ jump: "2026-11-12T00:10:00+08:00", final: true });
    await page.goto(`${world.url}/`);
    await waitState(page, "final", PATIENCE);
    expect(await page.textContent("[data-badge]")).toContain("最终");
    set({ final: false, jump: "2026-11-11T14:22:14+08:00" });
  });
});
