import { judge, type Verdict } from "./gate";
import { Playhead } from "./playhead";
import type { Frame } from "./types";

/** Frames that wait for the figure to reach them; more than this only pile up while a hidden page sleeps. */
const WAITING = 8;

/**
 * Gate and playhead of one page. `newest` is the last frame that passed the gate (the truth badge judges it), `settled`
 * the newest one that the shown figure has reached: every other figure on the page comes from it, so that no part is ever
 * ahead of the total.
 */
export class Player {
  /** `currency` says what the large number is in, at every look; a frame without a sealed rate gives RMB. */
  constructor(private readonly currency: () => "CNY" | "USD" = () => "CNY") {}

  newest: Frame | null = null;
  settled: Frame | null = null;
  private waiting: Frame[] = [];
  private started = false;
  private priced: "CNY" | "USD" = "CNY";
  private readonly playhead = new Playhead();

  /**
   * Offers a frame from the stream; `snap` shows it without playing, else it is reached at `due` (local ms). Says what became
   * of it.
   */
  offer(frame: Frame, now: number, snap: boolean, due?: number): Verdict {
    const verdict = judge(this.newest, frame);
    if (verdict !== "play") return verdict;
    this.newest = frame;
    if (!this.started) this.priced = this.currency();
    if (frame.frozen !== null && Date.parse(frame.frozen.second) !== Date.parse(frame.second)) return verdict; // the screen rests
    this.play(frame, now, !this.started || snap || frame.correction !== null, due);
    return verdict;
  }

  /** The frame that a frozen screen rests on, fetched by its second; ignored if it would let the figure fall. */
  rest(frame: Frame, now: number): void {
    if (this.started && this.minor(frame) < this.playhead.value(now)) return;
    this.waiting = [];
    this.play(frame, now, true);
  }

  /** Advances to `now` and returns the shown minor units, or null before the first frame. */
  advance(now: number): number | null {
    if (!this.started) return null;
    const shown = this.playhead.value(now);
    while (this.waiting[0] !== undefined && this.minor(this.waiting[0]) <= shown) this.settled = this.waiting.shift() ?? null;
    return shown;
  }

  /** Shows the same frame in the currency of now, at once; nothing where that is the shown one. */
  reprice(now: number): void {
    const shown = this.currency();
    if (shown === this.priced) return;
    this.priced = shown;
    const last = this.waiting.at(-1) ?? this.settled;
    if (!this.started || last === null) return;
    this.waiting = [];
    this.play(last, now, true);
  }

  /** The figure of a frame that is played: fen, or cents at the sealed rate. */
  private minor(frame: Frame): number {
    return (this.priced === "USD" ? frame.total.gmv_usd_cents : null) ?? frame.total.gmv_fen;
  }

  private play(frame: Frame, now: number, snap: boolean, due?: number): void {
    if (snap) this.waiting = [];
    this.started = true;
    this.waiting.push(frame);
    if (this.waiting.length > WAITING) this.waiting.shift();
    this.playhead.push(this.minor(frame), now, snap, due);
    if (snap) this.advance(now);
  }
}
