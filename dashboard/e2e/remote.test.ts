// The walls' remote: what /ops or a director's key sets is on a wall in another browser, on whatever machine that is.
import { mkdirSync } from "node:fs";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Browser, openBrowser } from "./browser";
import { heroFen, openWorld, PATIENCE, SOON, waitState, type World } from "./world";

const OUT = new URL("./out/", import.meta.url).pathname;
const UP = /live|stale|incomplete|final/;

let world: World;
let browsers: Browser[];
let wall: Page;
let ops: Page;

beforeAll(async () => {
  mkdirSync(OUT, { recursive: true });
  browsers = [];
  [world] = await Promise.all([openWorld(), openBrowser().then((b) => browsers.push(b)), openBrowser().then((b) => browsers.push(b))]);
  const [one, other] = browsers as [Browser, Browser];
  wall = await one.page(1280, 720);
  ops = await other.page(1440, 900);
  world.mock?.set({ delay: 3000 });
  await wall.goto(`${world.url}/`);
  await waitState(wall, UP, PATIENCE);
  await ops.goto(`${world.url}/ops`);
  await ops.waitForSelector(".remote [data-remote]");
  await ops.fill(".remote input", "Lin Yue");
});

afterAll(async () => {
  await Promise.all(browsers.map((b) => b.close()));
  await world.close();
});

const press = (what: string): Promise<void> => ops.click(`[data-remote="${what}"]`);

describe("wall remote", () => {
  it("sets the scene of a wall in another browser from /ops, and gives it back", async () => {
    expect(await wall.$(".scene-number")).toBeNull();
    await press("scene.number");
    await wall.waitForSelector(".scene-number", { timeout: SOON });
    await ops.waitForSelector('[data-remote="scene.number"][aria-pressed="true"]', { timeout: SOON });
    await ops.waitForFunction(() => document.querySelector(".remote .note")?.textContent?.includes("Lin Yue"));
    await press("language.en");
    await wall.waitForFunction(() => document.documentElement.dataset.first === "en", null, { timeout: SOON });
    await ops.screenshot({ path: `${OUT}ops-remote.png` });
    await wall.screenshot({ path: `${OUT}wall-remote.png` });
    await press("scene.");
    await press("language.");
    await wall.waitForSelector(".scene-all", { timeout: SOON });
  });

  it("holds after a reload, and lets the address go before it", async () => {
    await press("motion.calm");
    await wall.waitForFunction(() => document.documentElement.dataset.motion === "calm", null, { timeout: SOON });
    await wall.reload();
    await wall.waitForFunction(() => document.documentElement.dataset.motion === "calm", null, { timeout: SOON });
    await wall.goto(`${world.url}/?motion=off`);
    await waitState(wall, UP, PATIENCE);
    expect(await wall.evaluate(() => document.documentElement.dataset.motion)).toBe("off");
    await press("motion.");
    await wall.goto(`${world.url}/`);
    await waitState(wall, UP, PATIENCE);
  });

  it("takes an operator's key on a wall to all of them: two walls rest on one figure and go on", async () => {
    const key = await (browsers[1] as Browser).page(1280, 720);
    await key.goto(`${world.url}/`);
    await waitState(key, UP, PATIENCE);
    await key.bringToFront();
    await key.keyboard.press("3");
    await wall.waitForSelector(".scene-world", { timeout: SOON });
    await key.keyboard.press("1");
    await wall.waitForSelector(".scene-all", { timeout: SOON });
    await key.keyboard.press("f");
    await Promise.all([waitState(wall, "frozen", SOON), waitState(key, "frozen", SOON)]);
    await wall.waitForTimeout(2500); // long enough for the playing to end
    const held = await heroFen(wall);
    expect(await heroFen(key)).toBe(held);
    await wall.waitForTimeout(2000);
    expect([await heroFen(wall), await heroFen(key)]).toEqual([held, held]);
    await key.keyboard.press("f");
    await Promise.all([waitState(wall, UP, SOON), waitState(key, UP, SOON)]);
    await wall.waitForFunction((fen) => Number(document.querySelector<HTMLElement>("[data-figure='total.gmv_fen']")?.dataset.value) > fen, held, { timeout: SOON });
    await key.close();
  });

  it.skipIf(process.env.FESTIVAL_URL)("shows the figure that viewers see now: the official one of so long ago", async () => {
    await wall.waitForSelector(".on-air", { timeout: SOON });
    const [fen, at] = await wall.evaluate(() => [document.querySelector<HTMLElement>("[data-figure='on_air.gmv_fen']")?.dataset.value, document.querySelector(".on-air time")?.textContent]);
    const then = await (await fetch(`${world.url}/api/v1/frame?at=${encodeURIComponent(`2026-11-11T${at}+08:00`)}`)).json() as { total: { gmv_fen: number } };
    expect(Number(fen)).toBe(Math.floor(then.total.gmv_fen / 100) * 100);
    expect(await heroFen(wall)).toBeGreaterThan(Number(fen));
    await wall.setViewportSize({ width: 1920, height: 1080 });
    await wall.screenshot({ path: `${OUT}wall-on-air.png` });
  });
});
