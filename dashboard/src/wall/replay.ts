// A recorded night on the wall (`?replay=`): its official frames come at the festival's own seconds, `speed` times as fast, and
// take the way that live ones take, through gate and player. All the time the screen says that it is a replay.
import type { Frame } from "../shared/types";
import { type Head, headOf, linesOf, Recording } from "./recording";

/** A live frame is here about this long after its second. */
export const WAY_MS = 400;
/** The play stands still this long after its last frame, or after one that has not been read yet: the figure has arrived by then. */
const HELD_MS = 2000;
/** Early by two pictures at 60 a second, for each time that the play is faster than the night. */
const EARLY_MS = 34;
const MOST_EARLY_MS = 1800; // the playhead takes nothing that is due in more than 3 s
const SPEEDS = { least: 0.1, most: 200 } as const;

export interface Asked {
  url: string;
  speed: number;
  /** RFC 3339, or H:MM[:SS] of the festival's clock; "" is the beginning. */
  from: string;
}

/** The replay that an address asks for: of a file on this server only, since the page may read nothing else. */
export function replayOf(search: string): Asked | null {
  const query = new URLSearchParams(search);
  const url = query.get("replay");
  if (url === null || url === "") return null;
  const speed = Number(query.get("speed") ?? 1);
  return { url, speed: Number.isFinite(speed) && speed > 0 ? Math.min(SPEEDS.most, Math.max(SPEEDS.least, speed)) : 1, from: query.get("from") ?? "" };
}

export interface Opened {
  head: Head;
  lines: AsyncIterator<string>;
}

/** Opens a recording; null where it is none. A body that is packed and not said to be is unpacked here. */
export async function openReplay(url: string): Promise<Opened | null> {
  try {
    const answer = await fetch(url, { cache: "no-store" });
    if (!answer.ok || answer.body === null) return null;
    const packed = /\.gz(\?|$)/.test(url) && answer.headers.get("Content-Encoding") === null;
    const body = packed ? answer.body.pipeThrough(new DecompressionStream("gzip") as unknown as TransformStream<Uint8Array, Uint8Array>) : answer.body;
    const lines = linesOf(body);
    const head = headOf((await lines.next()).value ?? undefined);
    return head === null ? null : { head, lines };
  } catch {
    return null;
  }
}

/** Gives a recording's frames when they are due. `time` is play time in ms; the festival's clock is `time` + `offset`. */
export class Replay {
  /** Festival clock less play time; null before the first frame. */
  offset: number | null = null;
  private last = 0;

  /** A picture at a high speed is seconds of play: frames are handed on that much earlier, so that each stands when it is due. */
  private readonly early: number;

  constructor(private readonly recording: Recording, speed = 1) {
    this.early = Math.min(MOST_EARLY_MS, Math.max(0, speed - 1) * EARLY_MS);
  }

  get over(): boolean {
    return this.recording.ended && this.recording.peek() === undefined;
  }

  /** How far play time may go: until two seconds after the newest frame while the next one is not there. */
  limit(): number {
    if (this.offset === null) return 0;
    const next = this.recording.peek();
    return (next === undefined ? this.last + HELD_MS : Math.max(Date.parse(next.second), this.last) + HELD_MS) - this.offset;
  }

  /** Frames that are due at play time `time`, oldest first. */
  due(time: number): Frame[] {
    const first = this.recording.peek();
    if (this.offset === null && first !== undefined) this.offset = Date.parse(first.second) + WAY_MS - time;
    const out: Frame[] = [];
    for (let next = this.recording.peek(); next !== undefined && this.offset !== null && Date.parse(next.second) + WAY_MS - this.early <= time + this.offset; next = this.recording.peek()) {
      this.recording.take();
      this.last = Math.max(this.last, Date.parse(next.second));
      out.push(next);
    }
    return out;
  }
}
