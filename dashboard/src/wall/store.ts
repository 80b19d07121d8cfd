// What the wall's panels read. Set once a second (settled, truth, clock) or as the figure moves (fen); canvases and digits
// are driven by the engine directly.
import { computed, signal } from "@preact/signals";
import type { Truth } from "../shared/truth";
import type { Festival, FestivalWindow, Frame, Milestone, ReferencePoint } from "../shared/types";
import { choice } from "./director";
import type { Next } from "./next";
import type { Peak } from "./peak";
import type { Currency } from "./settings";
import { layoutOf } from "./stage";

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
/** The window that the total on this wall is of; undefined for all of the festival. */
export const counted = signal<string | undefined>(undefined);
/** Server time in Unix ms, whole seconds. */
export const clock = signal(0);
/** The shown figure in the shown currency's minor units (fen, cents), whole units of it. */
export const minor = signal(0);
/** The currency of the shown figure: what the director asks for, or RMB where a frame has no sealed rate for it. */
export const currency = computed<Currency>(() => (choice.value.currency === "USD" && (newest.value === null || newest.value.total.gmv_usd_cents !== null) ? "USD" : "CNY"));
/** The shown figure in fen, never above what is shown: the figure itself, or in another currency that of the frame it has reached. */
export const fen = computed(() => (currency.value === "CNY" ? minor.value : settled.value?.total.gmv_fen ?? 0));
export const reference = signal<ReferencePoint[] | null>(null);
/** Orders per arc, for the legend. */
export const perArc = signal<number | null>(null);
export const celebration = signal<Celebration | null>(null);
/** What the server says of every milestone; asked for at the start and when one is crossed. */
export const milestones = signal<Milestone[] | null>(null);
export const next = signal<Next | null>(null);
export const peak = signal<Peak | null>(null);
/** Orders per second of the last minute, newest last. */
export const bars = signal<readonly number[]>([]);
export const layout = signal(layoutOf(1920, 1080, 1));
/** False until the curve's history is there. */
export const curveReady = signal(false);
/** The recording that this wall plays, and its speed; null on a live wall. */
export const replay = signal<{ speed: number; bad: boolean } | null>(null);
export const replayOver = signal(false);
/** True for a moment after a correction was shown. */
export const revised = signal(false);

/** The window that comparisons and the curve speak of: the open one, else the last begun, else the first. */
export function currentWindow(f: Festival | null, frame: Frame | null, now: number): FestivalWindow | null {
  if (f === null) return null;
  const open = f.windows.find((w) => w.id === frame?.window);
  const begun = f.windows.filter((w) => Date.parse(w.start) <= now);
  return open ?? begun[begun.length - 1] ?? f.windows[0] ?? null;
}

/** A later window is counted down to for this long before it begins; the first one always. */
const COUNT_MS = 900_000;

/** The window that is counted down to at `now` (the server's clock, Unix ms), or null; by the clock, not by a frame's arrival. */
export function upcoming(f: Festival | null, frame: Frame | null, now: number): FestivalWindow | null {
  if (f === null || now === 0 || frame === null || frame.phase === "closed" || frame.phase === "open") return null;
  const w = f.windows.find((one) => Date.parse(one.start) > now);
  return w !== undefined && (w === f.windows[0] || Date.parse(w.start) - now <= COUNT_MS) ? w : null;
}

/** That window's own GMV in a frame; with one window it is the whole festival's. */
export function windowFen(f: Festival, frame: Frame, window: FestivalWindow): number {
  if (f.windows.length <= 1) return frame.total.gmv_fen;
  return frame.windows.find((w) => w.id === window.id)?.total.gmv_fen ?? 0;
}
