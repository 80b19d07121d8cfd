// The number on screen plays late: each official number is due at its own moment, so that screens beside each other show the
// same, and between two moments the number moves evenly. So it never runs ahead, never falls, and rests exactly on an official
// number when the feed goes silent. Nothing is ever extrapolated.

/** One playing, ms: as long as the distance of two frames; one that comes too late is played in the shortest time. */
const USUAL_MS = 1000;
const SHORTEST_MS = 700;
/** A due time farther off than this is a wrong clock. */
const FARTHEST_MS = 3000;

interface Leg {
  start: number;
  end: number;
  fen: number;
}

/** Plays integer fen. All times are local monotonic ms and must not go backwards. */
export class Playhead {
  private rest = 0;
  /** What is still to be played, in order of time and never overlapping. */
  private legs: Leg[] = [];

  /**
   * Sets the next number to rest on, due at `due`; without a due time, one usual playing from now. `snap` shows it at once:
   * first frame, stale data, corrections, no motion.
   */
  push(fen: number, now: number, snap: boolean, due = now + USUAL_MS): void {
    this.drop(now);
    const last = this.legs.at(-1);
    if (snap) {
      this.rest = fen;
      this.legs = [];
    } else if (fen !== (last?.fen ?? this.rest)) {
      const end = Math.min(due, now + FARTHEST_MS);
      if (end < now + SHORTEST_MS) this.hurry(fen, now);
      else this.legs.push({ start: Math.max(now, end - USUAL_MS, last?.end ?? 0), end: Math.max(end, (last?.end ?? 0) + 1), fen });
    }
  }

  /** The fen to show at `now`; at most the pushed number. */
  value(now: number): number {
    let fen = this.rest;
    for (const leg of this.legs) {
      if (now <= leg.start) return fen;
      if (now < leg.end) return Math.min(leg.fen, Math.floor(fen + ((leg.fen - fen) * (now - leg.start)) / (leg.end - leg.start)));
      fen = leg.fen;
    }
    return fen;
  }

  /** Whether the shown number is the pushed one. */
  atRest(now: number): boolean {
    return now >= (this.legs.at(-1)?.end ?? now);
  }

  // Late already: what was still to be played on the way is left out.
  private hurry(fen: number, now: number): void {
    this.rest = this.value(now);
    this.legs = [{ start: now, end: now + SHORTEST_MS, fen }];
  }

  private drop(now: number): void {
    while (this.legs[0] !== undefined && this.legs[0].end <= now) this.rest = this.legs.shift()?.fen ?? this.rest;
  }
}
