// The cumulative curve: what it holds and how wide it looks. Memory is bounded; drawing is in curve-draw.ts.
import type { ReferencePoint, SeriesPoint } from "../shared/types";

/** Cumulative GMV in fen at `s` seconds since the window's start. */
export interface CurvePoint {
  s: number;
  fen: number;
}

/** Above this many points every second older one is dropped; a plot is 690 px wide. */
const MOST = 6000;
/** Spans of the time axis in seconds, with the distance of their labels. The last resort is the whole window. */
const SPANS: readonly [span: number, tick: number][] = [
  [300, 60], [600, 120], [1800, 300], [3600, 600], [3 * 3600, 1800], [6 * 3600, 3600], [12 * 3600, 7200],
];

/** What the axis spans when `s` of `length` seconds are done: the curve fills at most five sixths of the plot. */
export function spanFor(s: number, length: number): { span: number; tick: number } {
  for (const [span, tick] of SPANS) if (span < length && s <= (span * 5) / 6) return { span, tick };
  const sixth = length / 6;
  const tick = [60, 300, 600, 1800, 3600, 2 * 3600, 4 * 3600, 12 * 3600].find((t) => t >= sixth - 1) ?? 86400;
  return { span: length, tick };
}

/** About four round steps up to `max`: 1, 2 or 5 times a power of ten. */
export function niceStep(max: number): number {
  const rough = max / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  return ([1, 2, 5, 10].find((m) => m * power >= rough * 0.8) ?? 10) * power;
}

/**
 * Points farther apart than this are marks that somebody announced (ten minutes in, one hour in, the end). What lay between
 * them is not known: they are drawn as points and nothing is compared with a line that nobody measured.
 */
export const MARK_GAP_S = 900;

/** Runs of points that may be joined; a mark is a run of one. The beginning of a curve is joined to the window's start. */
export function runs(points: readonly ReferencePoint[]): ReferencePoint[][] {
  const out: ReferencePoint[][] = [];
  for (const p of points) {
    const run = out.at(-1);
    if (run !== undefined && p.n - (run.at(-1)?.n ?? 0) <= MARK_GAP_S) run.push(p);
    else out.push([p]);
  }
  return out;
}

/** Cumulative value of the reference at `s`, between its thinned points; null before its first, between marks, or without any. */
export function referenceAt(points: readonly ReferencePoint[] | null, s: number): number | null {
  if (points === null || s < 0) return null;
  let low = 0;
  let high = points.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((points[middle]?.n ?? 0) <= s) low = middle;
    else high = middle - 1;
  }
  const first = points[0];
  if (first === undefined) return null;
  // A thinned curve need not keep second 0; before its first point it rises from nothing at the start.
  const before = first.n > s;
  if (before && (points[1]?.n ?? Infinity) - first.n > MARK_GAP_S) return null; // a mark
  const a = before ? { n: -1, gmv_fen: 0 } : (points[low] ?? first);
  const b = before ? first : points[low + 1];
  if (b === undefined) return s > a.n && a.n - (points[low - 1]?.n ?? -1) > MARK_GAP_S ? null : a.gmv_fen;
  if (b.n - a.n > MARK_GAP_S) return a.n === s ? a.gmv_fen : null;
  return Math.floor(a.gmv_fen + ((b.gmv_fen - a.gmv_fen) * (s - a.n)) / (b.n - a.n));
}

/** The points of this festival, never falling, never beyond the frame that is shown. */
export class Curve {
  points: CurvePoint[] = [{ s: 0, fen: 0 }];

  /** Takes the history from buckets of `step` seconds; buckets that end after `upTo` seconds or `most` fen are left out. */
  load(buckets: readonly SeriesPoint[], startUnix: number, step: number, upTo: number, most: number): void {
    const head = this.points.filter((p) => p.s > 0);
    const points: CurvePoint[] = [{ s: 0, fen: 0 }];
    let fen = 0;
    for (const bucket of buckets) {
      const end = bucket.t - startUnix + step;
      fen += bucket.gmv_fen;
      if (end > upTo || fen > most) break;
      points.push({ s: end, fen });
    }
    const last = points[points.length - 1] as CurvePoint;
    this.points = points.concat(head.filter((p) => p.s > last.s && p.fen >= last.fen));
  }

  /** Appends what is shown at `s`. */
  push(s: number, fen: number): void {
    const last = this.points[this.points.length - 1] as CurvePoint;
    if (s <= last.s || fen < last.fen) return;
    this.points.push({ s, fen });
    if (this.points.length > MOST) this.points = this.points.filter((_, i) => i % 2 === 0 || i > MOST - 600);
  }

  head(): CurvePoint {
    return this.points[this.points.length - 1] as CurvePoint;
  }

  /** First second at which the curve is at `fen` or above; null if not yet. */
  reached(fen: number): CurvePoint | null {
    return this.points.find((p) => p.fen >= fen) ?? null;
  }
}
