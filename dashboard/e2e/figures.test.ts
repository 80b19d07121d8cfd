// CONTRACT.md §5: every figure that a page shows stands in an element with data-figure and data-value. Here: every digit that
// can be seen, on every page, in both languages, is in one, or is a moment (<time>), a key (<kbd>), code (<code>) or a label
// (data-label: a name, a unit, a rank, an id).
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Browser, openBrowser } from "./browser";
import { openWorld, PATIENCE, SOON, waitState, type World } from "./world";

const UP = /live|stale|incomplete|before|frozen|final/;

let world: World;
let browser: Browser;

beforeAll(async () => {
  [world, browser] = await Promise.all([openWorld(), openBrowser()]);
});

afterAll(async () => {
  await browser.close();
  await world.close();
});

/** Digits outside of figures, each with its sentence. */
const strays = (page: Page): Promise<string[]> => page.evaluate(() => {
  const found: string[] = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walk.nextNode(); node !== null; node = walk.nextNode()) {
    const at = node.parentElement;
    if (at === null || !/\d/.test(node.textContent ?? "") || !at.checkVisibility()) continue;
    if (at.closest("[data-figure],time,kbd,code,[data-label],script,style") === null) found.push(`${node.textContent} in <${at.tagName.toLowerCase()} class="${at.className}">`);
  }
  return found;
});

/** Figures without a plain number, and paths that stand for two different values in one place. */
const broken = (page: Page): Promise<string[]> => page.evaluate(() => [...document.querySelectorAll<HTMLElement>("[data-figure]")]
  .filter((e) => !/^(-?\d+(\.\d+)?)?$/.test(e.dataset.value ?? "?") || e.dataset.figure === "" || (/\d/.test(e.textContent ?? "") && e.dataset.value === ""))
  .map((e) => `${e.dataset.figure}=${e.dataset.value} shows ${e.textContent}`));

async function check(page: Page): Promise<void> {
  expect(await strays(page)).toEqual([]);
  expect(await broken(page)).toEqual([]);
}

async function bothLanguages(page: Page): Promise<void> {
  for (const label of ["EN", "中文"]) {
    await page.getByRole("button", { name: label, exact: true }).first().click();
    await page.waitForTimeout(600);
    await check(page);
  }
}

describe("digits outside of figures", () => {
  it.each(["/", "/desk", "/merchant?id=m20417", "/ops"])("%s has none", async (path) => {
    const page = await browser.page(1600, 1000);
    await page.goto(world.url + path);
    await check(page); // before the first frame too
    await waitState(page, UP, PATIENCE);
    await page.waitForFunction(() => document.querySelectorAll("[data-figure]").length > 3, null, { timeout: PATIENCE });
    for (let i = 0; i < 5; i++) {
      await page.waitForTimeout(700);
      await check(page);
    }
    if (path !== "/") await bothLanguages(page);
    world.cable.pull();
    await waitState(page, "lost", SOON);
    await check(page);
    world.cable.mend();
    await waitState(page, UP, PATIENCE);
    await page.close();
  });

  it("the test finds a digit that is put beside a figure", async () => {
    const page = await browser.page(1200, 800);
    await page.goto(`${world.url}/desk`);
    await page.evaluate(() => { document.body.insertAdjacentHTML("beforeend", "<p>and 42 more</p><b data-figure='x'>7</b>"); });
    expect(await strays(page)).toContainEqual(expect.stringContaining("and 42 more"));
    expect(await broken(page)).toContainEqual(expect.stringContaining("x="));
    await page.close();
  });
});

describe.skipIf(process.env.FESTIVAL_URL)("digits outside of figures, in every state (mock)", () => {
  const set = (change: Record<string, unknown>): void => world.mock?.set(change);

  it.each(["/", "/desk", "/ops"])("%s", async (path) => {
    const page = await browser.page(1600, 1000);
    await page.goto(world.url + path);
    const second = new Date(Math.floor((world.mock?.clock() ?? 0) / 1000) * 1000).toISOString();
    for (const [change, state, undo] of [
      [{ rehearsal: true, incomplete: true, lagging: true, differs: true, noisy: true }, "incomplete", { rehearsal: false, incomplete: false, lagging: false, differs: false, noisy: false }],
      [{ beats: true }, "stale", { beats: false }],
      [{ frozen: { second, reason: "hold of 10 minutes", since: second } }, "frozen", { frozen: null }],
      [{ jump: "2026-11-10T23:50:00+08:00" }, "before", { jump: "2026-11-11T14:22:14+08:00" }],
    ] as const) {
      set(change);
      if (state === "before") await page.goto(world.url + path);
      await waitState(page, state, SOON);
      await page.waitForTimeout(1200);
      await check(page);
      set(undo);
      if (state !== "before") await waitState(page, "live", SOON);
    }
    await page.close();
  });

  it("/ops with each dialog", async () => {
    const page = await browser.page(1440, 900);
    set({ incomplete: true });
    await page.goto(`${world.url}/ops`);
    await page.waitForSelector(".alarm-stop");
    for (const key of ["1", "h", "s", "/", "?"]) {
      await page.keyboard.press(key);
      await page.waitForSelector("dialog[open]");
      await check(page);
      await page.keyboard.press("Escape");
      await page.waitForSelector("dialog", { state: "detached" });
    }
    await page.click("text=/Accept recorded gap|接受已记录的缺口/");
    await check(page);
    expect(await page.textContent("dialog code")).toBe("festival ledger accept-gap --partition 7 --from 182390784 --to 182750901");
    set({ incomplete: false });
    await page.close();
  });

  it("/desk with a looked-up second and every breakdown; the wall's milestone", async () => {
    const page = await browser.page(1440, 1000);
    await page.goto(`${world.url}/desk`);
    await page.waitForSelector(".breakdown .total");
    for (const tab of await page.getByRole("tab").all()) {
      await tab.click();
      await page.waitForTimeout(700);
      await check(page);
    }
    await page.fill("#second", "13:25:54");
    await page.press("#second", "Enter");
    await page.waitForSelector('[data-figure="asof.total.gmv_fen"]');
    await check(page);
    set({ jump: "2026-11-11T13:33:02+08:00" });
    await page.goto(`${world.url}/`);
    await page.waitForSelector(".milestone", { timeout: 20_000 });
    await check(page);
    set({ jump: "2026-11-11T14:22:14+08:00" });
    await page.close();
  });
});
