import { describe, expect, it } from "vitest";
import { Feed, type Source } from "./feed";
import { frame } from "./testing";
import type { Frame } from "./types";
import type { Walls } from "./walls";

class FakeSource implements Source {
  closed = false;
  private readonly listeners = new Map<string, (event: { data?: string }) => void>();
  addEventListener(name: string, listener: (event: { data?: string }) => void): void { this.listeners.set(name, listener); }
  close(): void { this.closed = true; }
  emit(name: string, data = ""): void { this.listeners.get(name)?.({ data }); }
}

function world(dice = 0.5) {
  const sources: FakeSource[] = [];
  const frames: Frame[] = [];
  const beats: number[] = [];
  const said: Walls[] = [];
  const time = { now: 0 };
  const feed = new Feed({
    url: "/s", now: () => time.now, random: () => dice, onFrame: (f) => frames.push(f), onBeat: (server) => beats.push(server), onWalls: (walls) => said.push(walls),
    open: () => { const s = new FakeSource(); sources.push(s); return s; },
  });
  const advance = (ms: number): void => { for (let t = 0; t < ms; t += 100) { time.now += 100; feed.tick(); } };
  const newest = (): FakeSource => sources[sources.length - 1] as FakeSource;
  return { feed, sources, frames, beats, said, time, advance, newest };
}

describe("feed", () => {
  it("delivers frames and ignores half an event", () => {
    const { feed, frames, newest } = world();
    feed.connect();
    newest().emit("frame", JSON.stringify(frame(1, 5)));
    newest().emit("frame", '{"seq":');
    expect(frames.map((f) => f.seq)).toEqual([1]);
  });
  it("hands on what is said of the walls, and ignores half of it", () => {
    const { feed, said, newest } = world();
    feed.connect();
    newest().emit("wall", '{"settings":"a","walls":{}}');
    newest().emit("wall", '{"settings":');
    expect(said).toEqual([{ settings: "a", walls: {} }]);
  });
  it("reopens after 0.5, 1, 2, 2, 2 s when the server refuses (the EventSource 503 trap): back within 3 s", () => {
    const { feed, sources, advance, newest, time } = world();
    feed.connect();
    const opened: number[] = [];
    for (const wait of [500, 1000, 2000, 2000, 2000]) {
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
  });
  it("keeps a connection that only beats, and hears the server's clock in them", () => {
    const { feed, sources, advance, newest, beats } = world();
    feed.connect();
    newest().emit("frame", JSON.stringify(frame(1, 5)));
    for (let i = 0; i < 30; i++) {
      advance(2000);
      newest().emit("beat", '{"now":"2026-11-11T00:00:07.250+08:00"}');
      expect(feed.link.lastEvent).toBe((i + 1) * 2000);
    }
    expect(sources.length).toBe(1);
    expect(beats.length).toBe(30);
    expect(beats[0]).toBe(Date.parse("2026-11-10T16:00:07.250Z"));
  });
  it("is never more than 3 s from the next attempt, whatever the jitter", () => {
    for (const dice of [0, 0.999]) {
      const { feed, sources, advance, newest } = world(dice);
      feed.connect();
      for (let i = 0; i < 10; i++) {
        const before = sources.length;
        newest().emit("error");
        advance(2800);
        expect(sources.length).toBeGreaterThan(before);
      }
    }
  });
  it("is itself again after the first frame, backoff included", () => {
    const { feed, sources, advance, newest } = world();
    feed.connect();
    newest().emit("error");
    advance(600);
    newest().emit("error");
    advance(1100);
    newest().emit("beat", '{"now":"2026-11-11T00:00:07+08:00"}');
    expect(feed.link.attempts).toBe(0);
    newest().emit("error");
    advance(600);
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
