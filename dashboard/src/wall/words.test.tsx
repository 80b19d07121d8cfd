// @vitest-environment happy-dom
// What panels say at the end of a night and at a milestone, in either order of languages.
import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { frame, START_MS, total } from "../shared/testing";
import type { Festival } from "../shared/types";
import { choice } from "./director";
import { Milestone } from "./overlays";
import { Rates } from "./pace";
import { celebration, clock, festival, peak, settled } from "./store";

const YUAN = 100;
const END_MS = START_MS + 86_400_000;
const at = (ms: number): string => new Date(ms).toISOString();
let root: HTMLElement;

beforeEach(() => {
  root = document.body.appendChild(document.createElement("div"));
  festival.value = { windows: [{ id: "day", start: at(START_MS), end: at(END_MS) }] } as unknown as Festival;
});

afterEach(() => {
  render(null, root);
  root.remove();
  celebration.value = peak.value = settled.value = null;
  choice.value = { ...choice.value, first: "zh" };
});

const shown = (path: string): { text: string; value: string | undefined } | null => {
  const e = root.querySelector<HTMLElement>(`[data-figure="${path}"]`);
  return e === null ? null : { text: e.textContent ?? "", value: e.dataset.value };
};

describe("the orders' panel after the end", () => {
  const final = frame(86_400, 500 * YUAN, { phase: "closed", certainty: "final", window: null, ledger: "l1", total: { ...total(500 * YUAN), created: 2_812_345_678, orders: 2_700_000_001 } });
  beforeEach(() => {
    clock.value = END_MS + 600_000;
    settled.value = final;
  });

  it("has the night's peak and its second where this wall watched from the start, and all orders", () => {
    peak.value = { ledger: "l1", window: "day", since: START_MS + 2000, at: START_MS + 31_000, perS: 105_709 };
    act(() => render(<Rates />, root));
    expect(shown("rate.created_per_s.peak")).toMatchObject({ value: "105709" });
    expect(root.querySelector("time")?.textContent).toMatch(/00:31$/);
    expect(shown("total.orders")).toMatchObject({ value: "2700000001" });
    expect(root.textContent).not.toContain("–");
  });

  it.each([
    ["nothing was watched", null],
    ["it was watched from later on", { ledger: "l1", window: "day", since: START_MS + 60_000, at: START_MS + 70_000, perS: 9 }],
    ["the peak is another ledger's", { ledger: "l0", window: "day", since: START_MS, at: START_MS + 1000, perS: 9 }],
  ])("has all orders placed and paid where %s", (_, seen) => {
    peak.value = seen;
    act(() => render(<Rates />, root));
    expect(shown("rate.created_per_s.peak")).toBeNull();
    expect(shown("total.created")).toMatchObject({ value: "2812345678" });
    expect(shown("total.orders")).toMatchObject({ value: "2700000001" });
    expect(root.textContent).toContain("2,812,345,678");
  });
});

describe("a milestone", () => {
  const said = (): string[] => [".passed", ".took", ".took-alt"].map((name) => root.querySelector(name)?.textContent ?? "");
  beforeEach(() => { celebration.value = { window: "day", thresholdFen: 200_000_000_000 * YUAN, tookS: 57_521, referenceS: 69_041 }; });

  it("is large in 亿 with Chinese first", () => {
    act(() => render(<Milestone />, root));
    expect(said()).toEqual(["2,000亿元", "用时 15:58:41，比上届快 3 小时 12 分", "RMB 200 billion in 15 h 58 min 41 s"]);
  });

  it("is large in billions with English first, and 亿 is below", () => {
    choice.value = { ...choice.value, first: "en" };
    act(() => render(<Milestone />, root));
    expect(said()).toEqual(["RMB 200 billion", "in 15 h 58 min 41 s, 3 h 12 min 0 s faster than last festival", "2,000亿元，用时 15:58:41"]);
    expect(root.querySelector("h1")?.textContent).toBe("GMV passes");
    expect([...root.querySelectorAll<HTMLElement>("[data-figure$=threshold_fen]")].map((e) => e.dataset.value)).toEqual(["20000000000000", "20000000000000"]);
  });
});
