// @vitest-environment happy-dom
import { beforeEach, describe, expect, it } from "vitest";
import { frame, seeded } from "../shared/testing";
import { ArcPlanner, MOST_PER_SECOND, niceAbove, ordersPerArc } from "./arcs";
import { Curve, niceStep, referenceAt, runs, spanFor } from "./curve";
import { referenceReaches } from "./next";
import { Digits } from "./digits";
import { HUBS } from "./hubs";
import { landDots, landOf } from "./land";
import { placeLabels } from "./labels";
import { MAP_RATIO, project } from "./project";
import { Quality } from "./quality";
import { drift, layoutOf } from "./stage";

describe("digits", () => {
  let figure: HTMLElement;
  let root: HTMLElement;
  beforeEach(() => {
    figure = document.createElement("div");
    root = document.createElement("span");
    figure.append(root);
  });
  /** What can be read once nothing rolls: each strip's place. */
  const read = (): string => [...root.querySelectorAll<HTMLElement>(".strip")].map((s) => {
    const percent = Number(/-?[\d.]+/.exec(s.style.transform)?.[0] ?? 0);
    return String(Math.round((-percent * 13) / 100) % 10);
  }).join("");

  it("shows exactly the number at rest, whatever the way there", () => {
    const random = seeded(5);
    const digits = new Digits(figure, root);
    let fen = 98_700_000;
    let now = 0;
    for (let i = 0; i < 400; i++) {
      fen += Math.floor(random() ** 4 * 1e9);
      for (const until = now + random() * 900; now < until; now += 16) digits.frame(fen, now);
      for (const until = now + 500; now < until; now += 16) digits.frame(fen, now);
      expect(read()).toBe(String(Math.floor(fen / 100)));
      expect(figure.dataset.value).toBe(String(Math.floor(fen / 100) * 100));
    }
  });
  it("steps at most every 50 ms and names the figure in words", () => {
    const digits = new Digits(figure, root);
    digits.motion = false;
    let steps = 0;
    for (let now = 0; now < 1000; now += 5) if (digits.frame(100_000 + now * 1000, now)) steps++;
    expect(steps).toBeLessThanOrEqual(20);
    expect(figure.getAttribute("aria-label")).toMatch(/^[\d,]+ yuan$/);
    expect(root.querySelectorAll(".comma").length).toBe(1);
  });
});

describe("curve", () => {
  const bucket = (t: number, gmv_fen: number) => ({ t, gmv_fen, orders: 1 });
  it("holds what was on air: nothing after the frame, nothing above its total, and the live head", () => {
    const curve = new Curve();
    curve.push(130, 900);
    curve.load([bucket(1000, 100), bucket(1060, 200), bucket(1120, 5000)], 1000, 60, 130, 900);
    expect(curve.points).toEqual([{ s: 0, fen: 0 }, { s: 60, fen: 100 }, { s: 120, fen: 300 }, { s: 130, fen: 900 }]);
    curve.push(131, 800);
    curve.push(129, 1000);
    expect(curve.head()).toEqual({ s: 130, fen: 900 });
    expect(curve.reached(300)).toEqual({ s: 120, fen: 300 });
    expect(curve.reached(901)).toBeNull();
  });
  it("stays bounded over a day of seconds", () => {
    const curve = new Curve();
    for (let s = 1; s <= 86_400; s++) curve.push(s, s * 10);
    expect(curve.points.length).toBeLessThanOrEqual(6000);
    expect(curve.head()).toEqual({ s: 86_400, fen: 864_000 });
  });
  it("interpolates the reference and has no value before its first second", () => {
    const points = [{ n: 0, gmv_fen: 10 }, { n: 60, gmv_fen: 610 }];
    expect(referenceAt(points, -1)).toBeNull();
    expect(referenceAt(points, 0)).toBe(10);
    expect(referenceAt(points, 30)).toBe(310);
    expect(referenceAt(points, 999)).toBe(610);
    expect(referenceAt(null, 5)).toBeNull();
    expect(referenceAt([{ n: 59, gmv_fen: 600 }, { n: 119, gmv_fen: 1200 }], 29)).toBe(300);
    expect(referenceAt([], 29)).toBeNull();
  });
  it("never joins announced marks into a curve", () => {
    const marks = [{ n: 179, gmv_fen: 1000 }, { n: 3599, gmv_fen: 5000 }, { n: 86_399, gmv_fen: 20_000 }];
    expect(runs(marks).map((r) => r.length)).toEqual([1, 1, 1]);
    expect(referenceAt(marks, 100)).toBeNull();
    expect(referenceAt(marks, 179)).toBe(1000);
    expect(referenceAt(marks, 180)).toBeNull();
    expect(referenceAt(marks, 3599)).toBe(5000);
    expect(referenceAt(marks, 50_000)).toBeNull();
    expect(referenceAt(marks, 86_399)).toBe(20_000);
    expect(referenceReaches(marks, 5000)).toBe(3599);
    expect(referenceReaches(marks, 4000)).toBeNull();
    expect(runs([{ n: 59, gmv_fen: 1 }, { n: 119, gmv_fen: 2 }, { n: 9000, gmv_fen: 3 }]).map((r) => r.length)).toEqual([2, 1]);
  });
  it("chooses readable axes", () => {
    expect(spanFor(10, 86_400)).toEqual({ span: 300, tick: 60 });
    expect(spanFor(51_734, 86_400)).toEqual({ span: 86_400, tick: 14_400 });
    expect(spanFor(50, 90)).toEqual({ span: 90, tick: 60 });
    expect(niceStep(2.3e13)).toBe(5e12);
  });
});

describe("arcs", () => {
  const flows = (orders: number) => [{ key: "CN>CN", gmv_fen: 0, orders: orders * 90 }, { key: "CN>RU", gmv_fen: 0, orders }, { key: "IT>CN", gmv_fen: 0, orders: Math.floor(orders / 4) }, { key: "IT>FR", gmv_fen: 0, orders }];
  it("flies in proportion, bounded, only across the border and from home or to home", () => {
    const planner = new ArcPlanner();
    expect(planner.plan(frame(1, 0, { flows: flows(0) }))).toEqual([]);
    let out = 0;
    let back = 0;
    for (let s = 1; s <= 200; s++) {
      const flights = planner.plan(frame(s + 1, 0, { flows: flows(s * 400) }));
      expect(flights.length).toBeLessThanOrEqual(MOST_PER_SECOND);
      out += flights.filter((f) => f.out && f.to === "RU").length;
      back += flights.filter((f) => !f.out && f.from === "IT").length;
      expect(flights.every((f) => f.from === "CN" || f.to === "CN")).toBe(true);
    }
    const perArc = planner.perArc ?? 0;
    expect(out * perArc).toBeCloseTo(200 * 400, -3);
    expect(out / back).toBeCloseTo(4, 0);
  });
  it("says how many orders an arc is: more where the machine flies a part of them, nothing where none fly", () => {
    expect([[10, 1], [10, 0.5], [1, 0.5], [10, 0], [null, 1]].map(([n, flown]) => ordersPerArc(n ?? null, flown ?? 1))).toEqual([10, 20, 2, null, null]);
  });
  it("prints round numbers", () => {
    expect([0.3, 1, 3, 51, 700].map(niceAbove)).toEqual([1, 1, 5, 100, 1000]);
  });
});

describe("map", () => {
  it("has the whole world in dots, China in the middle left, no dot outside", () => {
    const dots = landDots(landOf("std"));
    expect(dots.length / 2).toBeGreaterThan(4000);
    expect(landDots(landOf("ultra")).length / 2).toBeGreaterThan(8000);
    for (let i = 0; i < dots.length; i += 2) expect((dots[i] ?? 2) <= 1 && (dots[i + 1] ?? 2) <= MAP_RATIO).toBe(true);
    expect(project([150, 73])).toEqual([0.5, 0]);
    expect(project([-30, 0])[0]).toBe(0);
  });
  it("knows where every country of the ranking stands", () => {
    for (const [code, [lon, lat]] of HUBS) expect([code, code.length, Math.abs(lon) <= 180, lat > -55 && lat < 73]).toEqual([code, 2, true, true]);
  });
  it("never lets two labels touch", () => {
    const placed = placeLabels(["CN", "RU", "US", "ES", "FR", "GB", "DE", "PL", "NL", "IT", "TR", "KR", "JP", "HK", "TW", "BR", "AU", "MX"], layoutOf(1920, 1080, 1));
    expect(placed[0]?.key).toBe("CN");
    for (const a of placed) for (const b of placed) if (a !== b && Math.abs(a.y - b.y) < 20) expect(a.right < b.left || b.right < a.left).toBe(true);
  });
});

describe("stage", () => {
  it("keeps one unit rule at every size", () => {
    const sizes = [[1920, 1080, 1, "std", 1920], [3840, 2160, 2, "std", 1920], [5760, 1080, 1, "ultra", 5760], [3840, 860, 860 / 1080, "ultra", 3840 / (860 / 1080)], [3440, 1440, 4 / 3, "std", 1920], [1080, 1920, 1080 / 1920, "std", 1920]] as const;
    for (const [w, h, u, kind, stage] of sizes) {
      const at = layoutOf(w, h, 1);
      expect([at.css, at.kind]).toEqual([u, kind]);
      expect(at.width).toBeCloseTo(stage, 6);
    }
    expect(layoutOf(1280, 1024, 3).canvas).toBeCloseTo((1280 / 1920) * 2, 6);
  });
  it("keeps the wings clear of the figure and of the seams", () => {
    for (const [w, h] of [[5760, 1080], [3840, 860]] as const) {
      const at = layoutOf(w, h, 1);
      expect(at.wing).toBeGreaterThanOrEqual(1150);
      expect(96 + at.wing).toBeLessThan(at.width / 2 - at.room / 2 - 100);
    }
    expect(96 + layoutOf(5760, 1080, 1).wing).toBeLessThan(1920);
  });
  it("shows one panel of three on each of three machines", () => {
    expect((["left", "centre", "right"] as const).map((p) => layoutOf(1920, 1080, 1, p).shift)).toEqual([1920, 0, -1920]);
    expect(layoutOf(1920, 1080, 1, "left")).toMatchObject({ kind: "ultra", width: 5760, css: 1 });
  });
  it("drifts along eight places", () => {
    expect(new Set(Array.from({ length: 8 }, (_, i) => drift(i).join())).size).toBe(8);
  });
  it("takes arcs away when frames are dropped and gives them back", () => {
    const quality = new Quality();
    let now = 0;
    const run = (ms: number, gap: number): void => { for (const until = now + ms; now < until; now += gap) quality.frame(now); };
    run(21_000, 60);
    expect(quality.arcs).toBe(0);
    run(80_000, 16);
    expect(quality.arcs).toBe(0.5);
  });
});
