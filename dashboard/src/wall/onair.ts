// What viewers at home see now, where the broadcast comes some seconds after the wall: the official figure of then, from the
// official frames that this wall itself has shown.
import { signal } from "@preact/signals";
import type { Frame } from "../shared/types";

export interface OnAir {
  /** Unix ms of the frame's second. */
  second: number;
  fen: number;
  cents: number | null;
}

/** The longest delay that festival.yaml takes, and a little: official frames, one a second. */
const KEPT = 620;

/** Official figures by second, ascending, at most KEPT. A held number adds none, so that the figure of later rests too. */
export class History {
  private readonly all: OnAir[] = [];

  push(frame: Frame): void {
    const second = Date.parse(frame.second);
    if (frame.frozen !== null && Date.parse(frame.frozen.second) !== second) return;
    if (second <= (this.all.at(-1)?.second ?? -Infinity)) return;
    this.all.push({ second, fen: frame.total.gmv_fen, cents: frame.total.gmv_usd_cents });
    if (this.all.length > KEPT) this.all.shift();
  }

  /** The official figure of a moment (Unix ms): that of the newest second up to it; null where this wall did not watch yet. */
  at(ms: number): OnAir | null {
    return this.all.findLast((one) => one.second <= ms) ?? null;
  }
}

/** What is on the air now; null without a delay. */
export const onAir = signal<OnAir | null>(null);
