// Orders per second: the last minute as this wall saw it, and the peak. The server knows the whole window's; where it does not say, the
// peak is what this wall saw, outlives a reload, and says since when it was watched.

/** Bars of the last minute. */
export const BARS = 60;
const STORE = "festival.wall.peak";

export interface Peak {
  ledger: string;
  window: string;
  /** Unix ms of the first frame that counts. */
  since: number;
  /** Unix ms of the frame that had it. */
  at: number;
  perS: number;
}

export class PeakWatch {
  /** Newest last. */
  readonly bars: number[] = [];
  peak: Peak | null;

  /** A replay neither reads nor keeps the peak of a live night. */
  constructor(private readonly keep = true) {
    this.peak = keep ? read() : null;
  }

  /** Takes the rate of one shown frame; `window` null is outside of every window and does not count. */
  push(ledger: string, window: string | null, second: number, perS: number | null): void {
    if (window === null || perS === null) return;
    this.bars.push(perS);
    if (this.bars.length > BARS) this.bars.shift();
    const old = this.peak;
    if (old === null || old.ledger !== ledger || old.window !== window) this.peak = { ledger, window, since: second, at: second, perS };
    else if (perS > old.perS) this.peak = { ...old, at: second, perS };
    if (this.keep && this.peak !== old) write(this.peak);
  }

  /** Takes the server's answer: the largest second from the window's start on, in Unix ms. Frames that come later may raise it. */
  know(known: Peak): void {
    this.peak = known;
    if (this.keep) write(known);
  }
}

function read(): Peak | null {
  try {
    return JSON.parse(localStorage.getItem(STORE) ?? "null") as Peak | null;
  } catch {
    return null; // a locked-down kiosk profile, or another program's text
  }
}

function write(peak: Peak | null): void {
  try {
    localStorage.setItem(STORE, JSON.stringify(peak));
  } catch {
    // the peak then lasts as long as the page
  }
}
