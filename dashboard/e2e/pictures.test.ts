// The wall at each size and in each state, against the committed pictures in e2e/pictures (half size). Runs on the mock, whose
// festival is the same at every run; without motion, so that nothing depends on the moment. PICTURES=update writes them anew.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Browser, openBrowser } from "./browser";
import { halve, type Hole, unlike } from "./lab";
import { openWorld, waitState, type World } from "./world";

const DIR = new URL("./pictures/", import.meta.url).pathname;
const UPDATE = process.env.PICTURES === "update";
/** Tolerance: at most this share of cells may differ by more than LEVEL of 255. */
const SHARE = 0.02;
const LEVEL = 40;
const MOST_BYTES = 150_000;
const SLOW = 180_000;
const APPROVAL = "样图 审图号 GS(0000)0000号";
const AFTERNOON = "2026-11-11T14:22:14+08:00";

let world: World;
let browser: Browser;
let lab: Page;

beforeAll(async () => {
  mkdirSync(DIR, { recursive: true });
  [world, browser] = await Promise.all([openWorld(), openBrowser()]);
  lab = await browser.page(400, 300);
}, SLOW);

afterAll(async () => {
  await browser.close();
  await world.close();
});

const set = (change: Record<string, unknown>): void => world.mock?.set(change);

async function open(width: number, height: number, search = ""): Promise<Page> {
  const page = await browser.page(width, height);
  page.setDefaultTimeout(SLOW);
  await page.goto(`${world.url}/?motion=off${search}`);
  await page.waitForFunction(() => document.documentElement.style.getPropertyValue("--land") !== "" && document.documentElement.style.getPropertyValue("--beam") !== "", null, { timeout: SLOW });
  return page;
}

/** The curve's history is there and drawn. */
const drawn = (page: Page): Promise<unknown> => page.waitForSelector(".curve.drawn", { state: "attached", timeout: SLOW });

/** What runs on between two looks: digits, clock, and the small figures of the second. */
const holes = (page: Page): Promise<Hole[]> => page.evaluate(() => [...document.querySelectorAll(".figure, .clock, .count, .sub, .words, .badge, .rates, .next .small, .gauge-value, .legend .scale, .took, .bars")].map((e) => {
  const { x, y, width, height } = e.getBoundingClientRect();
  return { x, y, width, height };
}));

/** Pixels of the picture under the lights that are not wholly clear. */
const inked = (page: Page): Promise<number> => page.evaluate(async () => {
  const [, url = ""] = /url\("(.*)"\)/.exec(document.documentElement.style.getPropertyValue("--land")) ?? [];
  const image = new Image();
  image.src = url;
  await image.decode();
  const canvas = new OffscreenCanvas(image.naturalWidth, image.naturalHeight);
  const ctx = canvas.getContext("2d");
  if (ctx === null) throw new Error("no 2d canvas");
  ctx.drawImage(image, 0, 0);
  return ctx.getImageData(0, 0, canvas.width, canvas.height).data.filter((v, i) => i % 4 === 3 && v > 0).length;
});

async function compare(page: Page, name: string): Promise<void> {
  const half = await halve(lab, await page.screenshot({ timeout: SLOW }));
  const file = `${DIR}${name}.webp`;
  expect(Buffer.from(half, "base64").length).toBeLessThan(MOST_BYTES);
  if (UPDATE) writeFileSync(file, Buffer.from(half, "base64"));
  expect(existsSync(file), `${name}.webp is missing: PICTURES=update`).toBe(true);
  const share = await unlike(lab, half, readFileSync(file).toString("base64"), await holes(page), LEVEL);
  expect(share, `${name}: share of cells that differ`).toBeLessThanOrEqual(SHARE);
}

/** Elements that are read and do not lie wholly within the screen, or that cross a seam between panels. */
const misplaced = (page: Page, seams: number[]): Promise<string[]> => page.evaluate((at) => {
  const out: string[] = [];
  for (const e of document.querySelectorAll<HTMLElement>("[data-figure], [data-label], time, h1, h2, .label, .alt, .badge")) {
    const r = e.getBoundingClientRect();
    if (r.width === 0 || !e.checkVisibility()) continue;
    const name = `${e.className || e.dataset.figure || e.tagName} "${(e.textContent ?? "").slice(0, 20)}" ${Math.round(r.left)}..${Math.round(r.right)}`;
    if (e.matches("h1")) { /* as wide as the stage, its text is not */ } else if (r.left < 0 || r.top < 0 || r.right > innerWidth + 1 || r.bottom > innerHeight + 1) out.push(`outside: ${name}`);
    if (!e.matches("h1") && at.some((seam) => r.left < seam && r.right > seam)) out.push(`on a seam: ${name}`);
    const letters = [...e.childNodes].some((n) => n.nodeType === Node.TEXT_NODE && n.textContent?.trim());
    if (letters && Number.parseFloat(getComputedStyle(e).fontSize) < 14.9 * Number.parseFloat(document.documentElement.style.getPropertyValue("--u"))) out.push(`too small: ${name} ${getComputedStyle(e).fontSize}`);
  }
  return out;
}, seams);

describe.skipIf(process.env.FESTIVAL_URL)("sizes", () => {
  it.each([[1920, 1080, "std", []], [3840, 2160, "std", []], [5760, 1080, "ultra", [1920, 3840]], [3840, 860, "ultra", []]] as const)("%i x %i", async (width, height, kind, seams) => {
    set({ jump: AFTERNOON });
    const page = await open(width, height);
    await waitState(page, "live", SLOW);
    await page.waitForSelector(".ranking li");
    await page.waitForSelector(".next");
    await drawn(page);
    expect(await page.$(`.wall.${kind}`)).not.toBeNull();
    expect(await misplaced(page, [...seams])).toEqual([]);
    await compare(page, `wall-${width}x${height}`);
    await page.close();
  }, SLOW);
});

describe.skipIf(process.env.FESTIVAL_URL)("the largest rates known", () => {
  it("half a million orders a second leave the next column alone, unit in both languages", async () => {
    set({ jump: "2026-11-11T00:03:20+08:00", scale: 4 });
    const page = await open(3840, 860);
    await waitState(page, "live", SLOW);
    await page.waitForSelector(".next");
    const ends = await page.evaluate(() => ({ digits: document.querySelector(".rate .per b")?.textContent?.length ?? 0,
      right: Math.max(...[...document.querySelectorAll(".rates .per, .rates .per span")].map((e) => e.getBoundingClientRect().right)), next: document.querySelector(".next .title")?.getBoundingClientRect().left ?? 0 }));
    expect(ends.digits).toBe("583,000".length);
    expect(ends.right).toBeLessThan(ends.next);
    set({ scale: 1 });
    await page.close();
  }, SLOW);
});

describe.skipIf(process.env.FESTIVAL_URL)("states at 1920 x 1080", () => {
  const state = async (name: string, badge: string, before: Record<string, unknown>, after: Record<string, unknown> = {}, ready = ".ranking li", search = ""): Promise<void> => {
    set({ jump: AFTERNOON, ...before });
    const page = await open(1920, 1080, search);
    await waitState(page, badge, SLOW);
    await page.waitForSelector(ready, { state: "attached" });
    if (badge !== "before") await drawn(page);
    expect(await misplaced(page, [])).toEqual([]);
    await compare(page, name);
    set(after);
    await page.close();
  };
  it("countdown", () => state("countdown", "before", { jump: "2026-11-10T23:47:13+08:00" }, {}, ".countdown"), SLOW);
  it("opening", () => state("opening", "live", { jump: "2026-11-11T00:00:20+08:00" }), SLOW);
  it("incomplete rehearsal", () => state("incomplete", "incomplete", { incomplete: true, rehearsal: true }, { incomplete: false, rehearsal: false }), SLOW);
  it("frozen", () => state("frozen", "frozen", { frozen: { second: AFTERNOON, reason: "hold", since: AFTERNOON } }, { frozen: null }), SLOW);
  it("final", () => state("final", "final", { jump: "2026-11-12T00:10:00+08:00", final: true }, { final: false }), SLOW);
  it("English first", () => state("english", "live", {}, {}, ".next", "&lang=en"), SLOW);
  it("the operator's own map, with its approval number", () => state("map-file", "live", { map: "file", approval: APPROVAL }, { map: "dots", approval: "" }, ".approval"), SLOW);
  it("no map", () => state("map-none", "live", { map: "none" }, { map: "dots" }), SLOW);
  it("a map without its approval number is not asked for, and nothing of it is shown", async () => {
    set({ jump: AFTERNOON, map: "file", approval: "" });
    const page = await browser.page(1920, 1080);
    const asked: string[] = [];
    page.on("request", (request) => asked.push(new URL(request.url()).pathname));
    await page.goto(`${world.url}/?motion=off`);
    await waitState(page, "live", SLOW);
    await drawn(page);
    await page.waitForFunction(() => document.documentElement.style.getPropertyValue("--land") !== "", null, { timeout: SLOW });
    expect(asked).toContain("/api/v1/wall");
    expect(asked).not.toContain("/api/v1/wall/map");
    expect(await page.$(".approval")).toBeNull();
    expect(await inked(page)).toBe(0);
    set({ map: "dots" });
    await page.close();
  }, SLOW);
  it.each([["milestone", "", "1,500", "亿元"], ["milestone-english", "&lang=en", "150", " billion"]])("%s", async (name, search, number, unit) => {
    set({ jump: "2026-11-11T13:32:40+08:00" });
    const page = await open(1920, 1080, search);
    await waitState(page, "live", SLOW);
    await page.waitForSelector(".ranking li");
    set({ jump: "2026-11-11T13:33:06+08:00" });
    await page.waitForSelector(".milestone");
    expect(await page.textContent(".passed [data-figure]")).toBe(number);
    expect(await page.textContent(".passed small:last-child")).toBe(unit);
    expect(await page.getAttribute(".passed [data-figure]", "data-value")).toBe("15000000000000");
    if (name === "milestone") await compare(page, name);
    await page.close();
  }, SLOW);
  it("stale after 5 s, faded after 30 s, with the second it stands for", async () => {
    set({ jump: AFTERNOON, stall: true });
    const page = await open(1920, 1080);
    await waitState(page, "stale", SLOW);
    await page.waitForSelector(".ranking li");
    await compare(page, "stale");
    await page.waitForSelector(".faded");
    expect(await page.textContent(".hero .as-of")).toMatch(/截至 14:\d\d:\d\d/);
    await compare(page, "faded");
    set({ stall: false });
    await waitState(page, "live", SLOW);
    await page.close();
  }, SLOW);
  it("lost", async () => {
    set({ jump: AFTERNOON });
    const page = await open(1920, 1080);
    await waitState(page, "live", SLOW);
    await page.waitForSelector(".ranking li");
    await drawn(page);
    world.cable.pull();
    await waitState(page, "lost", SLOW);
    await compare(page, "lost");
    world.cable.mend();
    await waitState(page, "live", SLOW);
    await page.close();
  }, SLOW);
});

describe.skipIf(process.env.FESTIVAL_URL)("director's keys", () => {
  it("change the scene, the language, the share and rest the wall", async () => {
    set({ jump: AFTERNOON });
    const page = await open(1920, 1080);
    await waitState(page, "live", SLOW);
    await page.waitForSelector(".ranking li");
    await page.keyboard.press("l");
    expect(await page.textContent(".hero-label span")).toContain("Total GMV");
    await page.keyboard.press("g");
    await page.waitForSelector('[data-figure="mobile.share_orders"]');
    await page.keyboard.press("r");
    await page.waitForSelector('[data-figure^="provinces."]');
    await page.keyboard.press("2");
    await page.waitForSelector(".scene-number");
    await page.keyboard.press("f");
    await waitState(page, "frozen", SLOW);
    const held = await page.getAttribute('[data-figure="total.gmv_fen"]', "data-value");
    await page.waitForTimeout(4000);
    expect(await page.getAttribute('[data-figure="total.gmv_fen"]', "data-value")).toBe(held);
    await page.keyboard.press("f");
    await waitState(page, "live", SLOW);
    await page.waitForFunction((fen) => Number(document.querySelector<HTMLElement>("[data-figure='total.gmv_fen']")?.dataset.value) > Number(fen), held, { timeout: SLOW });
    await page.close();
  }, SLOW);
});
