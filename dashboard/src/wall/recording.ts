// Reads a recording (`festival export frames`): a line that names the festival, then one official frame a line. Lines are
// taken as they are needed, so a night of gigabytes costs a few frames of memory.
import type { Festival, Frame, Milestone, ReferencePoint } from "../shared/types";

/** The first line. */
export interface Head {
  replay: number;
  festival: Festival;
  /** Last festival's curve by window. */
  reference: Record<string, ReferencePoint[]>;
  milestones: Milestone[];
}

/** Bytes that become text at once: a browser hands out megabytes, and as text they would lie on the heap until the last of their lines is due. */
const PIECE = 1 << 16;

/** Lines of a body of UTF-8, without their line feeds; an empty last one is left out. */
export async function* linesOf(body: ReadableStream<Uint8Array>): AsyncGenerator<string, void, undefined> {
  let rest = "";
  for await (const text of texts(body)) {
    rest += text;
    let from = 0;
    for (let at = rest.indexOf("\n"); at >= 0; at = rest.indexOf("\n", from)) {
      yield rest.slice(from, at);
      from = at + 1;
    }
    rest = rest.slice(from);
  }
  if (rest !== "") yield rest;
}

/** A body as text, piece by piece. */
async function* texts(body: ReadableStream<Uint8Array>): AsyncGenerator<string, void, undefined> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    for (let at = 0; at < read.value.length; at += PIECE) yield decoder.decode(read.value.subarray(at, at + PIECE), { stream: true });
  }
  yield decoder.decode();
}

/** The first line of a recording; null for anything else. */
export function headOf(line: string | undefined): Head | null {
  try {
    const head = JSON.parse(line ?? "") as Partial<Head>;
    return head.replay === 1 && head.festival !== undefined ? { replay: 1, festival: head.festival, reference: head.reference ?? {}, milestones: head.milestones ?? [] } : null;
  } catch {
    return null;
  }
}

/** Unix ms of a frame's line without reading all of it; null for no frame. */
export function secondOf(line: string): number | null {
  const at = /"second":"([^"]+)"/.exec(line);
  const ms = Date.parse(at?.[1] ?? "");
  return Number.isFinite(ms) ? ms : null;
}

/** Frames that are held ready: one second of play, at least a handful. A frame of 40 countries takes 12 kB: 0.9 MB at 72 times the night. */
const aheadOf = (speed: number): number => Math.max(8, Math.ceil(speed));

/** The frames of an open recording, read ahead of the play and no further. */
export class Recording {
  ended = false;
  private readonly ready: Frame[] = [];
  private wake: (() => void) | null = null;

  /** `from` Unix ms: earlier frames are passed; one a minute goes to `passed`, for the curve. */
  constructor(private readonly lines: AsyncIterator<string>, private readonly speed: number, private readonly from: number, private readonly passed: (frame: Frame) => void = () => {}) {}

  /** The next frame, if it is there already. */
  peek(): Frame | undefined {
    return this.ready[0];
  }

  take(): Frame | undefined {
    this.wake?.();
    return this.ready.shift();
  }

  /** Reads until the end; resolves when the whole recording has been read. */
  async run(): Promise<void> {
    let minute = -1;
    for (;;) {
      while (this.ready.length >= aheadOf(this.speed)) await new Promise<void>((done) => { this.wake = done; });
      const { value, done } = await this.lines.next();
      if (done === true || value === undefined) break;
      const second = secondOf(value);
      if (second === null) continue;
      const early = second < this.from;
      if (early && Math.floor(second / 60_000) === minute) continue;
      minute = Math.floor(second / 60_000);
      const frame = parse(value);
      if (frame === null) continue;
      if (early) this.passed(frame);
      else this.ready.push(frame);
    }
    this.ended = true;
  }
}

function parse(line: string): Frame | null {
  try {
    return JSON.parse(line) as Frame;
  } catch {
    return null; // a recording that was cut off ends with half a frame
  }
}
