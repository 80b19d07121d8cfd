/** How many samples the estimate remembers: about one minute at one frame a second, so a stepped server clock heals. */
const SAMPLES = 64;

/**
 * The server's clock as seen from here. Every frame gives one sample (server time, local arrival); the
 * least delayed one, that is the largest difference, is the best. Local time is monotonic (performance.now()), so a user's
 * clock change moves nothing. An old frame that is repeated after a reconnect gives a small difference and loses.
 */
export class ServerClock {
  private readonly differences: number[] = [];
  private best: number;

  constructor(fallbackOffset: number) {
    this.best = fallbackOffset;
  }

  /** A coarse first guess, such as an HTTP Date; counts only until the first frame. */
  hint(server: number, local: number): void {
    if (this.differences.length === 0 && Number.isFinite(server)) this.best = server - local;
  }

  /** Both in ms; `local` on the monotonic clock. */
  sample(server: number, local: number): void {
    if (!Number.isFinite(server)) return;
    this.differences.push(server - local);
    if (this.differences.length > SAMPLES) this.differences.shift();
    this.best = Math.max(...this.differences);
  }

  /** Server time in Unix ms at local monotonic time `local`. */
  now(local: number): number {
    return local + this.best;
  }

  /** Local monotonic time at which the server's clock says `server` (Unix ms). */
  local(server: number): number {
    return server - this.best;
  }
}
