// The number on screen plays one interval late: from what is shown now to the newest official number, in about the time
// in which the next one is due. So it never runs ahead, never falls, and rests exactly on an official number when the
// feed goes silent. Nothing is ever extrapolated.

/** Bounds of one playing, ms: shorter looks like jumps, longer falls behind a feed of one frame a second. */
const SHORTEST_MS = 700;
const LONGEST_MS = 1500;
/** Weight of the newest gap between arrivals in the running mean. */
const GAP_WEIGHT = 0.2;

/** Plays integer fen. All times are local monotonic ms and must not go backwards. */
export class Playhead {
  private from = 0;
  private to = 0;
  private startedAt = 0;
  private lasts = 0;
  private gap = 1000;
  private lastPush: number | null = null;

  /** Sets the number to rest on. `snap` shows it at once: first frame, stale data, corrections, no motion. */
  push(fen: number, now: number, snap: boolean): void {
    if (this.lastPush !== null) this.gap += GAP_WEIGHT * (Math.min(now - this.lastPush, 2 * LONGEST_MS) - this.gap);
    this.lastPush = now;
    if (fen === this.to && !snap) return; // already on its way there: starting anew would never arrive
    this.from = snap ? fen : this.value(now);
    this.to = fen;
    this.startedAt = now;
    this.lasts = Math.min(LONGEST_MS, Math.max(SHORTEST_MS, this.gap));
  }

  /** The fen to show at `now`; at most the pushed number. */
  value(now: number): number {
    const done = this.lasts === 0 ? 1 : Math.min(1, Math.max(0, (now - this.startedAt) / this.lasts));
    if (done === 1) return this.to;
    return Math.min(this.to, Math.floor(this.from + (this.to - this.from) * done));
  }

  /** Whether the shown number is the pushed one. */
  atRest(now: number): boolean {
    return this.value(now) === this.to;
  }
}
