// The next milestone: which it is, what is missing, when it is to be expected, when the last festival had it.
import type { Festival, ReferencePoint } from "../shared/types";
import { type Curve, referenceAt } from "./curve";

export interface Next {
  thresholdFen: number;
  /** Seconds since the window's start at which it is expected; null where nothing tells. */
  expectedS: number | null;
  /** The same of the last festival. */
  lastS: number | null;
}

/** Without a reference the pace of this long is taken to go on. */
const PACE_S = 600;

/** A festival's milestones in fen, ascending. */
export const thresholds = (f: Festival): number[] => f.milestones_cny.map((m) => m * 100).sort((a, b) => a - b);

/** What was foreseen once the shown figure has passed it: the milestone after that one, of which nothing more is known until the next second. */
export function stillAhead(foreseen: Next, shownFen: number, f: Festival): Next | null {
  if (foreseen.thresholdFen > shownFen) return foreseen;
  const thresholdFen = thresholds(f).find((t) => t > shownFen);
  return thresholdFen === undefined ? null : { thresholdFen, expectedS: null, lastS: null };
}

/** First second at which the reference is at `fen` or above, between its points; null where it never is or nobody measured it. */
export function referenceReaches(points: readonly ReferencePoint[] | null, fen: number): number | null {
  const first = points?.find((p) => p.gmv_fen >= fen);
  if (points === null || first === undefined) return null;
  if (first.gmv_fen !== fen && first.n > 0 && referenceAt(points, first.n - 1) === null) return null; // somewhere before a mark
  let low = 0;
  let high = first.n;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((referenceAt(points, middle) ?? 0) >= fen) high = middle;
    else low = middle + 1;
  }
  return low;
}

/**
 * The first of `thresholdsFen` (ascending) above the curve's head. Expected: where the last festival, scaled by how much
 * this one is ahead of it now, has it; without such a curve, at the pace of the last ten minutes. Never beyond the window.
 */
export function nextMilestone(thresholdsFen: readonly number[], curve: Curve, reference: readonly ReferencePoint[] | null, length: number): Next | null {
  const { s, fen } = curve.head();
  const thresholdFen = thresholdsFen.find((t) => t > fen);
  if (thresholdFen === undefined) return null;
  const expected = expect(thresholdFen, s, fen, curve, reference);
  return { thresholdFen, expectedS: expected !== null && expected > s && expected <= length ? expected : null, lastS: referenceReaches(reference, thresholdFen) };
}

function expect(thresholdFen: number, s: number, fen: number, curve: Curve, reference: readonly ReferencePoint[] | null): number | null {
  const then = referenceAt(reference, s - 1);
  if (then !== null && then > 0 && fen > 0) return referenceReaches(reference, thresholdFen * (then / fen));
  const from = curve.points.findLast((p) => p.s <= s - PACE_S) ?? curve.points[0];
  if (from === undefined || s - from.s < 60 || fen <= from.fen) return null;
  return Math.ceil(s + ((thresholdFen - fen) * (s - from.s)) / (fen - from.fen));
}
