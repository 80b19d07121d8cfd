import { describe, expect, it } from "vitest";
import { judge } from "./gate";
import { frame } from "./testing";

describe("gate", () => {
  const shown = frame(10, 1000);
  it("plays the first official frame and the next one", () => {
    expect(judge(null, shown)).toBe("play");
    expect(judge(shown, frame(11, 1000))).toBe("play");
    expect(judge(shown, frame(11, 2000))).toBe("play");
  });
  it("never plays live frames, not even first", () => {
    expect(judge(null, frame(10, 1, { official: false }))).toBe("live");
    expect(judge(shown, frame(11, 2000, { official: false }))).toBe("live");
  });
  it("ignores repeats and older seconds", () => {
    expect(judge(shown, frame(10, 1000))).toBe("older");
    expect(judge(shown, frame(9, 2000))).toBe("older");
  });
  it("ignores a frame with any position below the shown one, or with a partition missing", () => {
    expect(judge(shown, frame(11, 2000, { positions: { "0": 500, "1": 99 } }))).toBe("behind");
    expect(judge(shown, frame(11, 2000, { positions: { "0": 500 } }))).toBe("behind");
    expect(judge(shown, frame(11, 2000, { positions: { "0": 100, "1": 100, "2": 0 } }))).toBe("play");
  });
  it("lets a figure fall only by a correction that says so", () => {
    expect(judge(shown, frame(11, 999))).toBe("falls");
    expect(judge(shown, frame(11, 999, { correction: { of: "x", reason: "wrong rate" } }))).toBe("play");
  });
  it("never mixes two ledgers", () => {
    expect(judge(shown, frame(11, 2000, { ledger: "l2" }))).toBe("ledger");
  });
});
