// Which milestone is on the stage. One at a time, eight seconds each; what comes meanwhile waits, and of several that wait
// only the largest is shown: two within ten seconds are one moment to whoever watches.
import type { Celebration } from "./store";

export const LASTS_MS = 8000;
/** The stage is the number's again for this long between two celebrations. */
const PAUSE_MS = 2000;

/** A state machine of the local monotonic clock; times must not go backwards. */
export class CelebrationQueue {
  /** When the one on the stage began. */
  since = 0;
  private shown: Celebration | null = null;
  private waiting: Celebration | null = null;
  private endedAt = -Infinity;

  /** A milestone that the shown figure has passed. A smaller one than what is on the stage or waits says nothing new. */
  offer(next: Celebration): void {
    const known = Math.max(this.shown?.thresholdFen ?? 0, this.waiting?.thresholdFen ?? 0);
    if (next.thresholdFen > known) this.waiting = next;
  }

  /** What is on the stage at `now`. */
  at(now: number): Celebration | null {
    if (this.shown !== null && now - this.since >= LASTS_MS) {
      this.shown = null;
      this.endedAt = now;
    }
    if (this.shown === null && this.waiting !== null && now - this.endedAt >= PAUSE_MS) {
      this.shown = this.waiting;
      this.waiting = null;
      this.since = now;
    }
    return this.shown;
  }

  /** Empties stage and queue. */
  clear(): void {
    this.shown = this.waiting = null;
  }
}
