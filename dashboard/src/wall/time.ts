// The page's own time: the monotonic clock, or in a replay the recorded night's pace. Player, playhead and truth run by it;
// what an eye must be able to follow (rolling digits, light, celebrations) runs by the real one.

/** Time in ms that passes `speed` times as fast as the real one, and never beyond `limit`: a replay waits for its frames. */
export class PlayTime {
  limit = Infinity;
  private value: number;
  private last: number;

  constructor(real: number, readonly speed = 1) {
    this.value = this.last = real;
  }

  /** The play time at `real` (local monotonic ms), which must not go backwards. At speed 1 without a limit it is `real`. */
  at(real: number): number {
    if (real <= this.last) return this.value;
    this.value = Math.min(Math.max(this.limit, this.value), this.value + (real - this.last) * this.speed);
    this.last = real;
    return this.value;
  }
}
