// The one stream of a page. EventSource gives up for good after an HTTP error at reconnect and never notices a silent
// server, so reconnecting is done here: close, wait 1, 2, 4, 8 s ± 30 %, open anew. Every event is a full frame, so
// nothing is replayed.
import type { Frame } from "./types";
import type { Link } from "./truth";

/** No event for this long: the connection is given up and opened again. Frames are due each second. */
const SILENT_MS = 5000;
const BACKOFF_MS = [1000, 2000, 4000, 8000];
const JITTER = 0.3;

/** The part of EventSource that is used; tests give their own. */
export interface Source {
  addEventListener(name: string, listener: (event: { data?: string }) => void): void;
  close(): void;
}

export interface FeedOptions {
  url: string;
  onFrame: (frame: Frame, local: number) => void;
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
    this.link = { since: options.now(), lastEvent: null, downSince: null, attempts: 0 };
  }

  /** Opens at once; also the "retry now" button. */
  connect(): void {
    this.drop();
    this.openedAt = this.options.now();
    this.retryAt = null;
    const open = this.options.open ?? ((url: string) => new EventSource(url) as unknown as Source);
    const source = open(this.options.url);
    this.source = source;
    source.addEventListener("frame", (event) => this.receive(source, event.data ?? ""));
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

  private receive(source: Source, data: string): void {
    if (source !== this.source) return;
    let frame: Frame;
    try {
      frame = JSON.parse(data) as Frame;
    } catch {
      return; // half an event from a dying proxy: the next second brings a whole one
    }
    const now = this.options.now();
    this.link.lastEvent = now;
    this.link.downSince = null;
    this.link.attempts = 0;
    this.options.onFrame(frame, now);
  }

  private fail(source: Source): void {
    if (source !== this.source) return;
    this.drop();
    const now = this.options.now();
    this.link.downSince ??= now;
    const wait = BACKOFF_MS[Math.min(this.link.attempts, BACKOFF_MS.length - 1)] ?? 8000;
    this.link.attempts++;
    const random = this.options.random ?? Math.random;
    this.retryAt = now + wait * (1 + JITTER * (2 * random() - 1));
  }

  private drop(): void {
    this.source?.close();
    this.source = null;
  }
}
