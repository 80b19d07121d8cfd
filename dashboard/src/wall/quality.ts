/** A frame longer than this was dropped at 30 a second. */
const SLOW_MS = 34;
const WINDOW_MS = 10_000;
const SLOW_SHARE = 0.1;
/** After this long without trouble the arcs come back by one step. */
const RECOVER_MS = 60_000;

/** Watches the frame rate and takes arcs away, first half of them, then all; the number is the last to go. */
export class Quality {
  /** Part of the arcs to fly: 1, 0.5 or 0. */
  arcs = 1;
  private since = 0;
  private frames = 0;
  private slow = 0;
  private last = 0;
  private steadySince = 0;

  frame(now: number): void {
    const gap = now - this.last;
    this.last = now;
    if (gap > 1000) this.restart(now); // the page was hidden
    this.frames++;
    if (gap > SLOW_MS) this.slow++;
    if (now - this.since < WINDOW_MS) return;
    if (this.slow > this.frames * SLOW_SHARE) {
      this.arcs = this.arcs === 1 ? 0.5 : 0;
      this.steadySince = now;
    } else if (now - this.steadySince > RECOVER_MS && this.arcs < 1) {
      this.arcs = this.arcs === 0 ? 0.5 : 1;
      this.steadySince = now;
    }
    this.restart(now);
  }

  private restart(now: number): void {
    this.since = now;
    this.frames = 0;
    this.slow = 0;
  }
}
