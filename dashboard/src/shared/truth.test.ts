import { describe, expect, it } from "vitest";
import { ServerClock } from "./clock";
import { frame, START_MS } from "./testing";
import { certain, judgeTruth, type Link } from "./truth";

const link = (lastEvent: number | null): Link => ({ since: 0, lastEvent, attempts: 0 });
const at = (s: number): number => START_MS + s * 1000;
const state = (f: Parameters<typeof judgeTruth>[0], age = 0): string => judgeTruth(f, link(1000), 1000, at(10) + age).state;

describe("truth", () => {
  it("names every state", () => {
    expect(state(frame(10, 1))).toBe("live");
    expect(state(frame(10, 1, { fresh_ms: 5001 }))).toBe("stale");
    expect(state(frame(10, 1, { complete: false, incomplete: [{ partition: 1, reason: "x" }] }))).toBe("incomplete");
    expect(state(frame(10, 1, { frozen: { second: "", reason: "", since: "" } }))).toBe("frozen");
    expect(state(frame(10, 1, { certainty: "final" }))).toBe("final");
    expect(state(frame(10, 1, { certainty: "final", frozen: { second: "", reason: "", since: "" } }))).toBe("frozen"); // closed while held
    expect(state(frame(10, 0, { phase: "before" }))).toBe("before");
    expect(state(null)).toBe("lost");
  });
  it("takes the certainty from the frame whose figure is shown", () => {
    const held = { second: "", reason: "", since: "" };
    const [old, final] = [frame(1, 1), frame(10, 2, { certainty: "final" })];
    expect(certain(final, old).certainty).toBe("final");
    expect(certain({ ...final, frozen: held }, old).certainty).toBe("provisional");
    expect(certain({ ...final, frozen: held }, null).certainty).toBe("final");
  });
  it("counts a delay on the server's clock, not from the arrival", () => {
    expect(judgeTruth(frame(10, 1, { fresh_ms: 400 }), link(1000), 1000, at(14)).ageMs).toBe(4400);
    expect(state(frame(10, 1, { fresh_ms: 400 }), 4500)).toBe("live");
    expect(state(frame(10, 1, { fresh_ms: 400 }), 4700)).toBe("stale");
  });
  it("rests after 3 s, fades after 30 s", () => {
    const late = (ms: number) => judgeTruth(frame(10, 1, { fresh_ms: ms }), link(1000), 1000, at(10));
    expect([late(3000).resting, late(3001).resting]).toEqual([false, true]);
    expect([late(30_000).faded, late(30_001).faded]).toEqual([false, true]);
    expect(late(8000).asOf).toBe(at(2));
  });
  it("says lost only after 4.5 s without frame and beat, and live again with the next frame", () => {
    expect(judgeTruth(frame(10, 1), link(1000), 5500, at(10)).state).toBe("live");
    expect(judgeTruth(frame(10, 1), link(1000), 5501, at(10)).state).toBe("lost");
    expect(judgeTruth(frame(14, 1), link(5400), 5400, at(14)).state).toBe("live");
  });
  it("says stale, steadily, while beats come and frames do not; lost once the beats end; live with the next frame", () => {
    const clock = new ServerClock(0);
    const one = link(null);
    let newest = frame(0, 1, { fresh_ms: 300 });
    const states: string[] = [];
    for (let ms = 0; ms <= 90_000; ms += 250) { // a stepped clock: frames to 10 s, beats to 60 s, silence to 80 s, frames again
      if (ms % 1000 === 0 && (ms <= 10_000 || ms > 80_000)) {
        newest = frame(ms / 1000, 1, { fresh_ms: 300 });
        clock.sample(Date.parse(newest.second), ms);
        one.lastEvent = ms;
      } else if (ms % 2000 === 0 && ms > 10_000 && ms <= 60_000) {
        clock.sample(at(ms / 1000), ms);
        one.lastEvent = ms;
      }
      const now = judgeTruth(newest, one, ms, clock.now(ms)).state;
      if (now !== states.at(-1)?.split(" ")[0]) states.push(`${now} ${ms}`);
    }
    expect(states).toEqual(["live 0", "stale 14750", "lost 64750", "live 81000"]);
  });
  it("knows that a first frame is old where a beat came before it", () => {
    const clock = new ServerClock(0);
    clock.sample(at(100), 50);
    clock.sample(at(10), 51);
    expect(judgeTruth(frame(10, 1), link(51), 51, clock.now(51)).state).toBe("stale");
  });
});

describe("server clock", () => {
  it("believes the least delayed sample and ignores a repeated old frame", () => {
    const clock = new ServerClock(0);
    clock.hint(50_000, 100);
    expect(clock.now(200)).toBe(50_100);
    clock.sample(100_000, 1300);
    clock.sample(101_000, 2050);
    clock.sample(90_000, 2500);
    expect(clock.now(3000)).toBe(101_950);
    clock.hint(1, 1);
    expect(clock.now(3000)).toBe(101_950);
  });
  it("forgets: a server clock that was set back is followed within a minute", () => {
    const clock = new ServerClock(0);
    for (let i = 0; i < 10; i++) clock.sample(1_000_000 + i * 1000, i * 1000);
    for (let i = 10; i < 90; i++) clock.sample(900_000 + i * 1000, i * 1000);
    expect(clock.now(90_000)).toBe(990_000);
  });
});
