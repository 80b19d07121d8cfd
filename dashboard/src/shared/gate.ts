// Which frames a screen may play. A figure on screen never falls: that is decided here and nowhere else.
import type { Frame } from "./types";

/** Why a frame is played or ignored. `ledger`: another ledger, whose numbers must never mix with the shown ones. */
export type Verdict = "play" | "live" | "older" | "behind" | "falls" | "ledger";

/**
 * Judges the next frame against the shown one (null: nothing shown yet). Only official frames are played; one with any
 * position below the shown frame's, or that misses a partition of it, is ignored; so is a smaller total, unless the frame
 * is a correction that says so.
 */
export function judge(shown: Frame | null, next: Frame): Verdict {
  if (!next.official) return "live";
  if (shown === null) return "play";
  if (next.ledger !== shown.ledger) return "ledger";
  if (next.seq <= shown.seq) return "older";
  if (positionsFall(shown.positions, next.positions)) return "behind";
  if (next.total.gmv_fen < shown.total.gmv_fen && next.correction === null) return "falls";
  return "play";
}

function positionsFall(shown: Record<string, number>, next: Record<string, number>): boolean {
  for (const partition in shown) {
    const position = next[partition];
    if (position === undefined || position < (shown[partition] ?? 0)) return true;
  }
  return false;
}
