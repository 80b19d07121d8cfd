// Flashes of a recorded page by ITU-R BT.1702: a flash is a pair of opposing changes of luminance of at least 20 cd/m2 whose darker side is
// below 160 cd/m2, on a screen of 200 cd/m2; more than three in any second over more than a quarter of the picture are harmful.
import type { Page } from "playwright-core";

export const COLUMNS = 64;
export const ROWS = 36;
/** Of the screen's peak: 20 and 160 of 200 cd/m2. */
const CHANGE = 0.1;
const BRIGHT = 0.8;
/** Three flashes are six changes. */
const MOST_CHANGES = 6;
const WITHIN_S = 1;

/** One recorded picture: when, in seconds, and the relative luminance of each cell. */
export interface Picture { at: number; luminance: readonly number[] }

export interface Flashing {
  /** Largest share of the cells that changed more than six times within the same second; harmful above a quarter. */
  share: number;
  /** Most changes of one cell within a second. */
  most: number;
  pictures: number;
}

/** Times at which the luminance of one cell turned by at least CHANGE from its last extreme. */
export function changes(samples: readonly { at: number; y: number }[]): number[] {
  const out: number[] = [];
  let low = samples[0]?.y ?? 0;
  let high = low;
  let rising: boolean | null = null;
  for (const { at, y } of samples) {
    low = Math.min(low, y);
    high = Math.max(high, y);
    const turned: boolean | null = rising !== true && y - low >= CHANGE && low < BRIGHT ? true : rising !== false && high - y >= CHANGE && y < BRIGHT ? false : null;
    if (turned === null) continue;
    out.push(at);
    rising = turned;
    low = high = y;
  }
  return out;
}

export function flashing(pictures: readonly Picture[]): Flashing {
  const cells = Array.from({ length: COLUMNS * ROWS }, (_, i) => changes(pictures.map((p) => ({ at: p.at, y: p.luminance[i] ?? 0 }))));
  let share = 0;
  let most = 0;
  for (const { at } of pictures) {
    const within = cells.map((times) => times.filter((t) => t >= at && t < at + WITHIN_S).length);
    most = Math.max(most, ...within);
    share = Math.max(share, within.filter((n) => n > MOST_CHANGES).length / cells.length);
  }
  return { share, most, pictures: pictures.length };
}

/** Records what the page shows while `during` runs, as fast as the browser draws it. */
export async function record(page: Page, lab: Page, during: () => Promise<unknown>): Promise<Picture[]> {
  const cdp = await page.context().newCDPSession(page);
  const frames: { at: number; data: string }[] = [];
  cdp.on("Page.screencastFrame", ({ data, metadata, sessionId }) => {
    frames.push({ at: metadata.timestamp ?? 0, data });
    void cdp.send("Page.screencastFrameAck", { sessionId }).catch(() => undefined); // the page may be gone
  });
  await cdp.send("Page.startScreencast", { format: "jpeg", quality: 80, everyNthFrame: 1 });
  await during();
  await cdp.send("Page.stopScreencast");
  await cdp.detach();
  const out: Picture[] = [];
  for (const { at, data } of frames) out.push({ at, luminance: await luminance(lab, data) });
  return out;
}

const luminance = (lab: Page, jpeg: string): Promise<number[]> => lab.evaluate(async (q) => {
  const image = await createImageBitmap(await (await fetch(`data:image/jpeg;base64,${q.jpeg}`)).blob());
  const canvas = new OffscreenCanvas(q.columns, q.rows);
  const ctx = canvas.getContext("2d");
  if (ctx === null) throw new Error("no 2d canvas");
  ctx.imageSmoothingQuality = "high";
  ctx.drawImage(image, 0, 0, q.columns, q.rows);
  const { data } = ctx.getImageData(0, 0, q.columns, q.rows);
  const linear = (v: number): number => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4);
  return Array.from({ length: q.columns * q.rows }, (_, i) => 0.2126 * linear(data[4 * i] ?? 0) + 0.7152 * linear(data[4 * i + 1] ?? 0) + 0.0722 * linear(data[4 * i + 2] ?? 0));
}, { jpeg, columns: COLUMNS, rows: ROWS });
