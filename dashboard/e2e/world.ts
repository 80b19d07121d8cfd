// Where the pages come from: FESTIVAL_URL, or the mock. Tests that need to switch the world run on the mock only.
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
