import { describe, expect, it } from "vitest";
import { Feed, type Source } from "./feed";
import { frame } from "./testing";
import type { Frame } from "./types";

class FakeSource implements Source {
  closed = false;
  private readonly listeners = new Map<string, (event: { data?: string }) => void>();
  addEventListener(name: string, listener: (event: { data?: string }) => void): void { this.listeners.set(name, listener); }
  close(): void { this.closed = true; }
  emit(name: string, data = ""): void { this.listeners.get(name)?.({ data }); }
}

function world() {
  const sources: FakeSource[] = [];
  const frames: Frame[] = [];
  const time = { now: 0 };
  const feed = new Feed({
    url: "/s", now: () => time.now, random: () => 0.5, onFrame: (f) => frames.push(f),
    open: () => { const s = new FakeSource(); sources.push(s); return s; },
  });
  const advance = (ms: number): void => { for (let t = 0; t < ms; t += 100) { time.now += 100; feed.tick(); } };
  const newest = (): FakeSource => sources[sources.length - 1] as FakeSource;
  return { feed, sources, frames, time, advance, newest };
}

describe("feed", () => {
  it("delivers frames and ignores half an event", () => {
    const { feed, frames, newest } = world();
    feed.connect();
    newest().emit("frame", JSON.stringify(frame(1, 5)));
    newest().emit("frame", '{"seq":');
    expect(frames.map((f) => f.seq)).toEqual([1]);
  });
  it("reopens after 1, 2, 4, 8, 8 s when the server refuses (the EventSource 503 trap)", () => {
    const { feed, sources, advance, newest, time } = world();
    feed.connect();
    const opened: number[] = [];
    for (const wait of [1000, 2000, 4000, 8000, 8000]) {
      const before = time.now;
      newest().emit("error");
      advance(wait + 100);
      opened.push(sources.length);
      expect(time.now - before).toBeGreaterThanOrEqual(wait);
    }
    expect(opened).toEqual([2, 3, 4, 5, 6]);
    expect(sources.slice(0, -1).every((s) => s.closed)).toBe(true);
  });
  it("gives up a silent connection after 5 s", () => {
    const { feed, sources, advance, newest } = world();
    feed.connect();
    newest().emit("frame", JSON.stringify(frame(1, 5)));
    advance(5000);
    expect(sources.length).toBe(1);
    advance(1300);
    expect(sources.length).toBe(2);
    expect(feed.link.downSince).not.toBeNull();
  });
  it("is itself again after the first frame, backoff included", () => {
    const { feed, sources, advance, newest } = world();
    feed.connect();
    newest().emit("error");
    advance(1100);
    newest().emit("error");
    advance(2100);
    newest().emit("frame", JSON.stringify(frame(2, 6)));
    expect(feed.link).toMatchObject({ downSince: null, attempts: 0 });
    newest().emit("error");
    advance(1100);
    expect(sources.length).toBe(4);
  });
  it("hears nothing from a connection that it has given up", () => {
    const { feed, sources, frames, advance } = world();
    feed.connect();
    sources[0]?.emit("error");
    advance(1100);
    sources[0]?.emit("frame", JSON.stringify(frame(1, 5)));
    expect(frames).toEqual([]);
  });
});
