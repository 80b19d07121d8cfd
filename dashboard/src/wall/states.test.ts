// @vitest-environment happy-dom
import { describe, expect, it } from "vitest";
import { frame, seeded, START_MS } from "../shared/testing";
import type { Festival } from "../shared/types";
import { Curve } from "./curve";
import { choiceOf, panelOf, press } from "./director";
import { nextMilestone } from "./next";
import { PeakWatch } from "./peak";
import { CelebrationQueue, LASTS_MS } from "./queue";
import { isQuiet } from "./renew";
import { upcoming } from "./store";

const at = (s: number): string => new Date(START_MS + s * 1000).toISOString();
const festival: Festival = {
  id: "f", name: { zh: "节", en: "F" }, timezone: "Asia/Shanghai", milestones_cny: [], reference: false, rehearsal: false, locales: [],
  windows: [{ id: "eve", start: at(0), end: at(3600) }, { id: "day", start: at(7200), end: at(90_000) }],
};

describe("countdown", () => {
  const left = (s: number, phase: "before" | "open" | "between" | "closed"): string | null => upcoming(festival, frame(s, 0, { phase }), START_MS + s * 1000)?.id ?? null;
  it("counts to the first window at any distance, to a later one for a quarter of an hour", () => {
    expect(left(-500_000, "before")).toBe("eve");
    expect(left(-1, "before")).toBe("eve");
    expect(left(5000, "between")).toBeNull();
    expect(left(6300, "between")).toBe("day");
    expect(left(7199, "between")).toBe("day");
  });
  it("opens when the clock says so, although the newest frame is still one from before", () => {
    expect(left(0, "before")).toBeNull();
    expect(left(7200, "between")).toBeNull();
  });
  it("never covers an open or a closed festival", () => {
    expect(left(1800, "open")).toBeNull();
    expect(left(6500, "closed")).toBeNull();
  });
});

describe("celebrations", () => {
  const m = (thresholdFen: number) => ({ window: "day", thresholdFen, tookS: 1, referenceS: null });
  const seed = Number(process.env.SEED ?? Date.now() % 1e9);
  it("shows one for eight seconds, then the larger of two that came meanwhile, once", () => {
    const queue = new CelebrationQueue();
    queue.offer(m(10));
    expect(queue.at(1000)?.thresholdFen).toBe(10);
    queue.offer(m(20));
    queue.offer(m(50));
    expect(queue.at(8999)?.thresholdFen).toBe(10);
    expect(queue.at(9000)).toBeNull();
    expect(queue.at(10_999)).toBeNull();
    expect(queue.at(11_000)?.thresholdFen).toBe(50);
    expect(queue.at(19_000)).toBeNull();
    expect(queue.at(99_000)).toBeNull();
  });
  it(`never stacks, never shows one twice or a smaller one after a larger, over random nights (SEED=${seed})`, () => {
    const random = seeded(seed);
    for (let round = 0; round < 200; round++) {
      const queue = new CelebrationQueue();
      const seen: number[] = [];
      let threshold = 0;
      let now = 0;
      for (let step = 0; step < 200; step++) {
        now += random() * 2000;
        if (random() < 0.2) queue.offer(m((threshold += Math.ceil(random() * 5))));
        const shown = queue.at(now)?.thresholdFen;
        if (shown !== undefined && shown !== seen.at(-1)) seen.push(shown);
        if (shown !== undefined && now - queue.since >= LASTS_MS) expect.fail(`${shown} for ${now - queue.since} ms`);
      }
      expect(seen).toEqual([...new Set(seen)].sort((a, b) => a - b));
    }
  });
  it("are gone at once when the director wants none", () => {
    const queue = new CelebrationQueue();
    queue.offer(m(10));
    queue.at(0);
    queue.clear();
    expect(queue.at(1)).toBeNull();
  });
});

describe("next milestone", () => {
  const curve = (points: [number, number][]): Curve => { const c = new Curve(); for (const [s, fen] of points) c.push(s, fen); return c; };
  const reference = Array.from({ length: 100 }, (_, i) => ({ n: i * 600 + 599, gmv_fen: (i + 1) * 1000 }));
  it("is expected where the last festival had it, scaled by the lead of now", () => {
    // Twice the last festival's 6,000 after an hour: its 10,000 were reached after 6,000 s, so 20,000 are expected then.
    const next = nextMilestone([5000, 20_000, 90_000], curve([[3600, 12_000]]), reference, 86_400);
    expect(next?.thresholdFen).toBe(20_000);
    expect(next?.expectedS).toBeGreaterThan(5900);
    expect(next?.expectedS).toBeLessThanOrEqual(6000);
    expect(next?.lastS).toBe(11_999);
  });
  it("is expected at the pace of ten minutes where nothing is known of the last festival", () => {
    expect(nextMilestone([20_000], curve([[600, 1000], [3000, 10_000], [3600, 16_000]]), null, 86_400)).toEqual({ thresholdFen: 20_000, expectedS: 4000, lastS: null });
  });
  it("says nothing beyond the window, without a pace, or past the last", () => {
    expect(nextMilestone([20_000], curve([[3000, 1000], [3600, 1010]]), null, 86_400)?.expectedS).toBeNull();
    expect(nextMilestone([20_000], curve([[10, 1000]]), null, 86_400)?.expectedS).toBeNull();
    expect(nextMilestone([500], curve([[10, 1000]]), null, 86_400)).toBeNull();
  });
});

describe("peak", () => {
  it("holds the highest rate of this ledger and window, and survives a reload", () => {
    localStorage.clear();
    const watch = new PeakWatch();
    watch.push("a", "day", 1000, 50);
    watch.push("a", "day", 2000, 90);
    watch.push("a", "day", 3000, 70);
    watch.push("a", null, 4000, 999);
    expect(watch.peak).toEqual({ ledger: "a", window: "day", since: 1000, at: 2000, perS: 90 });
    const again = new PeakWatch();
    again.push("a", "day", 9000, 60);
    expect(again.peak).toEqual({ ledger: "a", window: "day", since: 1000, at: 2000, perS: 90 });
    again.push("b", "day", 10_000, 5);
    expect(again.peak?.perS).toBe(5);
    for (let i = 0; i < 200; i++) again.push("b", "day", i, i);
    expect(again.bars.length).toBe(60);
  });
  it("takes the server's word for what this wall did not see, and goes on from there", () => {
    const watch = new PeakWatch();
    watch.push("a", "day", 9000, 60);
    watch.know({ ledger: "a", window: "day", since: 0, at: 5000, perS: 80 });
    watch.push("a", "day", 10_000, 70);
    expect(watch.peak).toEqual({ ledger: "a", window: "day", since: 0, at: 5000, perS: 80 });
    watch.push("a", "day", 11_000, 90);
    expect(new PeakWatch().peak).toEqual({ ledger: "a", window: "day", since: 0, at: 11_000, perS: 90 });
    new PeakWatch(false).know({ ledger: "b", window: "day", since: 0, at: 0, perS: 1 });
    expect(new PeakWatch().peak?.ledger).toBe("a");
  });
});

describe("director", () => {
  const plain = choiceOf("", false);
  it("reads the address", () => {
    expect(plain).toMatchObject({ scene: "all", celebrate: true, motion: "full", first: "zh" });
    expect(choiceOf("?screen=number&celebrate=off&motion=calm&lang=en", true)).toMatchObject({ scene: "number", celebrate: false, motion: "calm", first: "en" });
    expect(choiceOf("?motion=wild", true).motion).toBe("off");
    expect([panelOf(""), panelOf("?screen=left"), panelOf("?screen=moon")]).toEqual(["all", "left", "all"]);
  });
  it("knows its keys and no others", () => {
    expect(press("2", plain)).toEqual({ ...plain, scene: "number" });
    expect(press("C", plain)?.celebrate).toBe(false);
    expect(press("f", plain)?.frozen).toBe(true);
    expect(["m", "m", "m"].reduce((now, key) => press(key, now) ?? now, plain)).toEqual(plain);
    expect(press("x", plain)).toBeNull();
  });
});

describe("quiet minute", () => {
  const calm = { now: 1e9, edges: [0, 2e9], celebrating: false, expected: null, lastCelebration: -Infinity };
  it("is none near an opening, an end, a celebration or an expected milestone", () => {
    expect(isQuiet(calm)).toBe(true);
    expect(isQuiet({ ...calm, edges: [1e9 + 599_000] })).toBe(false);
    expect(isQuiet({ ...calm, celebrating: true })).toBe(false);
    expect(isQuiet({ ...calm, lastCelebration: 1e9 - 59_000 })).toBe(false);
    expect(isQuiet({ ...calm, expected: 1e9 + 60_000 })).toBe(false);
  });
});
