// The one stream of a page. EventSource gives up for good after an HTTP error at reconnect and never notices a silent
// server, so reconnecting is done here: close, wait, open anew. Every frame is a whole one, so nothing is replayed. Between
// frames come beats: the server says that the line lives and what its clock says, also while it has no frame to send.
import type { Frame } from "./types";
import type { Link } from "./truth";
import type { Walls } from "./walls";

/** Neither frame nor beat for this long: the connection is given up and opened again. A beat is due after 2 s without a frame. */
const SILENT_MS = 5000;
/** Waits before the next attempt. The longest, its jitter and the connecting together: a screen is back 3 s after the server. */
const BACKOFF_MS = [500, 1000, 2000];
const LONGEST_MS = 2000;
const JITTER = 0.3;

/** The part of EventSource that is used; tests give their own. */
export interface Source {
  addEventListener(name: string, listener: (event: { data?: string }) => void): void;
  close(): void;
}

interface Beat {
  now: string;
}

export interface FeedOptions {
  url: string;
  onFrame: (frame: Frame, local: number) => void;
  /** The server's clock, Unix ms. */
  onBeat: (server: number, local: number) => void;
  /** What directors have set on the walls: after the first frame and whenever it changes. */
  onWalls?: (walls: Walls) => void;
  /** Local monotonic clock in ms. */
  now: () => number;
  open?: (url: string) => Source;
  random?: () => number;
}

/**
 * Owner of the page's EventSource. `tick` must be called a few times a second; it notices silence and reopens. `link` is
 * what the truth badge judges.
 */
export class Feed {
  readonly link: Link;
  private source: Source | null = null;
  private openedAt = 0;
  private retryAt: number | null = null;

  constructor(private readonly options: FeedOptions) {
    this.link = { since: options.now(), lastEvent: null, attempts: 0 };
  }

  /** Opens at once; also the "retry now" button. */
  connect(): void {
    this.drop();
    this.openedAt = this.options.now();
    this.retryAt = null;
    const open = this.options.open ?? ((url: string) => new EventSource(url) as unknown as Source);
    const source = open(this.options.url);
    this.source = source;
    source.addEventListener("frame", (event) => this.receive(source, event.data, this.options.onFrame));
    source.addEventListener("beat", (event) => this.receive<Beat>(source, event.data, (beat, local) => this.options.onBeat(Date.parse(beat.now), local)));
    source.addEventListener("wall", (event) => this.receive<Walls>(source, event.data, (said) => this.options.onWalls?.(said)));
    source.addEventListener("error", () => this.fail(source));
  }

  tick(): void {
    const now = this.options.now();
    if (this.retryAt !== null) {
      if (now >= this.retryAt) this.connect();
      return;
    }
    const heard = Math.max(this.openedAt, this.link.lastEvent ?? 0);
    if (this.source !== null && now - heard > SILENT_MS) this.fail(this.source);
  }

  close(): void {
    this.drop();
    this.retryAt = null;
  }

  private receive<T = Frame>(source: Source, data: string | undefined, take: (event: T, local: number) => void): void {
    if (source !== this.source) return;
    let event: T;
    try {
      event = JSON.parse(data ?? "") as T;
    } catch {
      return; // half an event from a dying proxy: the next second brings a whole one
    }
    const now = this.options.now();
    this.link.lastEvent = now;
    this.link.attempts = 0;
    take(event, now);
  }

  private fail(source: Source): void {
    if (source !== this.source) return;
    this.drop();
    const now = this.options.now();
    const wait = BACKOFF_MS[this.link.attempts] ?? LONGEST_MS;
    this.link.attempts++;
    const random = this.options.random ?? Math.random;
    this.retryAt = now + wait * (1 + JITTER * (2 * random() - 1));
  }

  private drop(): void {
    this.source?.close();
    this.source = null;
  }
}
