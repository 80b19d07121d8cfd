// What the wall's panels read. Set once a second (settled, truth, clock) or as the figure moves (fen); canvases and digits
// are driven by the engine directly.
import { signal } from "@preact/signals";
import type { Truth } from "../shared/truth";
import type { Festival, FestivalWindow, Frame, ReferencePoint } from "../shared/types";

export { zone } from "../shared/zone";

export interface Celebration {
  window: string;
  thresholdFen: number;
  tookS: number;
  referenceS: number | null;
}

export const festival = signal<Festival | null>(null);
/** The newest frame that the shown figure has reached. */
export const settled = signal<Frame | null>(null);
/** The newest frame that passed the gate. */
export const newest = signal<Frame | null>(null);
export const truth = signal<Truth | null>(null);
/** Server time in Unix ms, whole seconds. */
export const clock = signal(0);
/** The shown figure in fen, whole yuan. */
export const fen = signal(0);
export const reference = signal<ReferencePoint[] | null>(null);
/** Orders per arc, for the legend. */
export const perArc = signal<number | null>(null);
export const celebration = signal<Celebration | null>(null);
/** True for a moment after a correction was shown. */
export const revised = signal(false);

/** The window that comparisons and the curve speak of: the open one, else the last begun, else the first. */
export function currentWindow(f: Festival | null, frame: Frame | null, now: number): FestivalWindow | null {
  if (f === null) return null;
  const open = f.windows.find((w) => w.id === frame?.window);
  const begun = f.windows.filter((w) => Date.parse(w.start) <= now);
  return open ?? begun[begun.length - 1] ?? f.windows[0] ?? null;
}

/** That window's own GMV in a frame; with one window it is the whole festival's. */
export function windowFen(f: Festival, frame: Frame, window: FestivalWindow): number {
  if (f.windows.length <= 1) return frame.total.gmv_fen;
  return frame.windows.find((w) => w.id === window.id)?.total.gmv_fen ?? 0;
}
