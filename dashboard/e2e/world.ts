// Where the pages come from: FESTIVAL_URL, or the mock. Tests that need to switch the world run on the mock only; those that
// harm a process need FESTIVAL_DEMO_PID, the demo behind FESTIVAL_URL.
import { readdirSync, readFileSync } from "node:fs";
import type { Page } from "playwright-core";
import { startMock } from "../mock/server.mjs";
import { Cable } from "./cable";

export interface World {
  /** Through the cable. */
  url: string;
  cable: Cable;
  /** Null against a real server. */
  mock: Awaited<ReturnType<typeof startMock>> | null;
  close(): Promise<void>;
}

export async function openWorld(): Promise<World> {
  const real = process.env.FESTIVAL_URL;
  const mock = real ? null : await startMock();
  const cable = await Cable.to(real ?? mock?.url ?? "");
  return { url: cable.url, cable, mock, async close() { await cable.close(); await mock?.close(); } };
}

/**
 * Longest wait for something that has to happen; nothing waits that long on a quiet machine. How soon a page says that the line is lost,
 * to the millisecond, is for the tests of truth.ts, which have a clock of their own; here it has to say it at all, and soon.
 */
export const PATIENCE = 60_000;
export const SOON = 20_000;

/** Waits until the badge says so; returns how long it took in ms. */
export async function waitState(page: Page, wanted: string | RegExp, timeout: number): Promise<number> {
  const from = performance.now();
  await page.waitForFunction((source) => new RegExp(source).test(document.querySelector<HTMLElement>("[data-badge]")?.dataset.state ?? ""), typeof wanted === "string" ? `^${wanted}$` : wanted.source, { timeout, polling: 50 });
  return performance.now() - from;
}

/** The hero's data-value in fen. */
export async function heroFen(page: Page): Promise<number> {
  return Number(await page.getAttribute('[data-figure="total.gmv_fen"]', "data-value"));
}

/** The demo's engine process, null where no demo was named. */
export function enginePid(): number | null {
  const demo = process.env.FESTIVAL_DEMO_PID;
  if (!demo) return null;
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      // pid (comm) state ppid: the name may hold spaces, so what follows its last bracket is read
      const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
      if (stat.includes("(festival-engin") && stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1] === demo) return Number(pid);
    } catch {
      // it has ended meanwhile
    }
  }
  return null;
}

/** Every state that the badge takes within `ms`, in order, looked at each 50 ms. */
export async function statesFor(page: Page, ms: number): Promise<string[]> {
  const seen: string[] = [];
  for (const until = performance.now() + ms; performance.now() < until;) {
    const state = await page.getAttribute("[data-badge]", "data-state");
    if (state !== null && state !== seen.at(-1)) seen.push(state);
    await page.waitForTimeout(50);
  }
  return seen;
}
