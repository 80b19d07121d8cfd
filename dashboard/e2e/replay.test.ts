// A recorded night on the wall: the figures of the frames, at their seconds, and never mistaken for live. Against the mock a
// recording of its day; against a demo (FESTIVAL_DEMO_DATA) what `festival export frames` writes, by `festival replay`.
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startMock } from "../mock/server.mjs";
import { type Browser, openBrowser } from "./browser";
import { PATIENCE } from "./world";

interface Recorded { second: string; total: { gmv_fen: number } }

const DATA = process.env.FESTIVAL_DEMO_DATA;
const PROGRAM = new URL("../../bin/festival", import.meta.url).pathname;
/** No frame is shown before its second, and each stands when the next one has begun to play. */
const DUE_MS = 1500;

let browser: Browser;
beforeAll(async () => { browser = await openBrowser(); }, PATIENCE);
afterAll(async () => { await browser.close(); });

/** Looks at every picture until the recording has ended: clock, figure, badge. */
async function watch(page: Page): Promise<{ clock: string; fen: number; badge: string }[]> {
  await page.waitForFunction(() => Number(document.querySelector<HTMLElement>(".figure")?.dataset.value ?? 0) > 0, null, { timeout: PATIENCE });
  return page.evaluate(() => new Promise<{ clock: string; fen: number; badge: string }[]>((done) => {
    const seen: { clock: string; fen: number; badge: string }[] = [];
    const look = (): void => {
      const badge = document.querySelector<HTMLElement>("[data-badge]");
      seen.push({ clock: document.querySelector(".clock")?.textContent ?? "", fen: Number(document.querySelector<HTMLElement>(".figure")?.dataset.value), badge: `${badge?.dataset.state} ${badge?.textContent}` });
      if (badge?.textContent?.includes("ENDED")) done(seen);
      else requestAnimationFrame(look);
    };
    look();
  }));
}

/** Every look lies between the official figures of its second, and the last one is the last frame's. */
function hold(seen: { clock: string; fen: number; badge: string }[], frames: Recorded[]): void {
  const at = new Map(frames.map((f) => [f.second.slice(11, 19), f]));
  const clockOf = (f: Recorded): number => Date.parse(f.second);
  const last = frames.at(-1);
  if (last === undefined) throw new Error("no frames");
  for (const look of seen) {
    const second = at.get(look.clock);
    if (second === undefined) continue; // the play ran on after the last frame
    // The clock shows whole seconds: at `look.clock` the figure is between those due a second before it and in it.
    const least = frames.findLast((f) => clockOf(f) + DUE_MS <= clockOf(second)) ?? frames[0];
    const most = frames.findLast((f) => clockOf(f) + DUE_MS - 1000 <= clockOf(second) + 1000) ?? frames[0];
    expect(look.fen, look.clock).toBeGreaterThanOrEqual(Math.floor((least?.total.gmv_fen ?? 0) / 100) * 100);
    expect(look.fen, look.clock).toBeLessThanOrEqual(most?.total.gmv_fen ?? 0);
  }
  expect(seen.at(-1)?.fen).toBe(Math.floor(last.total.gmv_fen / 100) * 100);
  for (const look of seen) expect(look.badge).toMatch(/^replay /);
  expect(new Set(seen.map((look) => look.clock)).size).toBeGreaterThan(3);
}

describe("replay", () => {
  it("plays a recording of the mock's day, four times as fast, exactly", async () => {
    const mock = await startMock();
    try {
      const path = "/replay/day.jsonl?at=2026-11-11T14:00:00%2B08:00&seconds=40";
      const lines = (await (await fetch(mock.url + path)).text()).trimEnd().split("\n").slice(1);
      const frames = lines.map((line) => JSON.parse(line) as Recorded);
      expect(frames.length).toBe(40);
      const page = await browser.page(1920, 1080);
      const asked: string[] = [];
      page.on("request", (r) => { if (r.url().includes("/api/")) asked.push(r.url()); });
      await page.goto(`${mock.url}/?replay=${encodeURIComponent(path)}&speed=4&motion=off`);
      const seen = await watch(page);
      hold(seen, frames);
      expect(asked).toEqual([]); // nothing of a live night
      expect(await page.textContent(".replay")).toContain("REPLAY");
      expect(await page.textContent(".hero .sub")).toMatch(/[+−]\d/); // the recording's own reference
      await page.close();
    } finally {
      await mock.close();
    }
  });

  it("begins where it is asked to, with the curve up to there, and says so when a file is no recording", async () => {
    const mock = await startMock();
    try {
      const page = await browser.page(1920, 1080);
      await page.goto(`${mock.url}/?replay=${encodeURIComponent("/replay/day.jsonl?seconds=700")}&from=00:10:00&motion=off`);
      await page.waitForFunction(() => (document.querySelector(".clock")?.textContent ?? "") >= "00:10:02", null, { timeout: PATIENCE });
      expect(await page.textContent(".clock")).toMatch(/^00:10:/);
      expect(await page.textContent(".next .kpi")).toContain("500"); // 100 亿 were passed at 00:09:51
      await page.goto(`${mock.url}/?replay=/api/v1/festival`);
      await page.waitForFunction(() => document.querySelector("[data-badge]")?.textContent?.includes("cannot be read"), null, { timeout: PATIENCE });
      await page.close();
    } finally {
      await mock.close();
    }
  });

  it.skipIf(!DATA)("plays what festival export frames wrote of the demo's night", async () => {
    const dir = mkdtempSync(join(tmpdir(), "festival-replay-"));
    const file = join(dir, "night.jsonl.gz");
    const port = await new Promise<number>((done) => {
      const s = createServer().listen(0, "127.0.0.1", () => { const a = s.address(); s.close(() => { done(a !== null && typeof a === "object" ? a.port : 0); }); });
    });
    // The program refuses FESTIVAL_ variables that are no settings: those are this test's own.
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("FESTIVAL_")));
    execFileSync(PROGRAM, ["export", "frames", "--data", DATA ?? "", "-o", file], { env });
    const server = spawn(PROGRAM, ["replay", file, "--addr", `127.0.0.1:${port}`], { stdio: ["ignore", "pipe", "inherit"], env });
    try {
      const said = await new Promise<string>((done) => { server.stdout.once("data", (text: Buffer) => { done(text.toString()); }); });
      const url = /http:\S+/.exec(said)?.[0] ?? "";
      const path = new URL(url).searchParams.get("replay") ?? "";
      const text = await (await fetch(new URL(path, url))).text();
      const frames = text.trimEnd().split("\n").slice(1).map((line) => JSON.parse(line) as Recorded);
      expect(frames.length).toBeGreaterThan(5);
      for (const f of frames.slice(-3)) { // the very bytes that were shown
        const shown = await (await fetch(`${process.env.FESTIVAL_URL}/api/v1/frame?at=${encodeURIComponent(f.second)}`)).json() as Recorded & { later?: unknown };
        delete shown.later;
        expect(f).toEqual(shown);
      }
      const page = await browser.page(1920, 1080);
      const from = frames.slice(-30)[0]?.second ?? "";
      await page.goto(`${url}&speed=2&motion=off&from=${encodeURIComponent(from)}`);
      hold(await watch(page), frames);
      await page.close();
    } finally {
      server.kill("SIGINT");
      rmSync(dir, { recursive: true, force: true });
    }
  });
});
