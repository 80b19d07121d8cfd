// Where pictures are halved and compared: a page of the same browser, so that no image library is needed.
import type { Page } from "playwright-core";

/** A rectangle in CSS px of the screenshot that a comparison leaves out: digits and clocks run on. */
export interface Hole { x: number; y: number; width: number; height: number }

/** The picture at half size as WebP, base64. */
export const halve = (lab: Page, png: Buffer): Promise<string> => lab.evaluate(async (data) => {
  const image = await createImageBitmap(await (await fetch(`data:image/png;base64,${data}`)).blob());
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(image.width / 2);
  canvas.height = Math.round(image.height / 2);
  const ctx = canvas.getContext("2d");
  if (ctx === null) throw new Error("no 2d canvas");
  ctx.imageSmoothingQuality = "high";
  ctx.drawImage(image, 0, 0, canvas.width, canvas.height);
  return canvas.toDataURL("image/webp", canvas.width * canvas.height > 2e6 ? 0.7 : 0.8).split(",")[1] ?? "";
}, png.toString("base64"));

/**
 * Share of cells of 10 x 10 px (of the half-size pictures) whose mean colour differs by more than `level` of 255 in a channel.
 * Cells are means, so that glyph edges of another rasteriser do not count, and a missing or moved part does.
 */
export const unlike = (lab: Page, a: string, b: string, holes: readonly Hole[], level: number): Promise<number> => lab.evaluate(async (q) => {
  const cells = async (data: string): Promise<ImageData> => {
    const image = await createImageBitmap(await (await fetch(`data:image/webp;base64,${data}`)).blob());
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(image.width / 10);
    canvas.height = Math.round(image.height / 10);
    const ctx = canvas.getContext("2d");
    if (ctx === null) throw new Error("no 2d canvas");
    ctx.imageSmoothingQuality = "high";
    ctx.drawImage(image, 0, 0, canvas.width, canvas.height);
    return ctx.getImageData(0, 0, canvas.width, canvas.height);
  };
  const [one, two] = await Promise.all([cells(q.a), cells(q.b)]);
  if (one.width !== two.width || one.height !== two.height) return 1;
  let compared = 0;
  let different = 0;
  for (let y = 0; y < one.height; y++) {
    for (let x = 0; x < one.width; x++) {
      if (q.holes.some((h) => (x + 1) * 20 > h.x && x * 20 < h.x + h.width && (y + 1) * 20 > h.y && y * 20 < h.y + h.height)) continue;
      compared++;
      const i = (y * one.width + x) * 4;
      if ([0, 1, 2].some((c) => Math.abs((one.data[i + c] ?? 0) - (two.data[i + c] ?? 0)) > q.level)) different++;
    }
  }
  return different / compared;
}, { a, b, holes: [...holes], level });
