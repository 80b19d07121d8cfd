// @vitest-environment happy-dom
// What a stranger reads at a glance: of which window the total is, and what an address that nobody knows does.
import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { frame, START_MS } from "../shared/testing";
import type { Festival } from "../shared/types";
import { Zone } from "../shared/zone";
import { choice } from "./director";
import { Header } from "./header";
import { knownWindow } from "./load";
import { stillAhead } from "./next";
import { counted, festival, newest, truth, zone } from "./store";

const DAY_MS = 86_400_000;
const window = (id: string, start: number): object => ({ id, start: new Date(start).toISOString(), end: new Date(start + DAY_MS).toISOString() });
const of = (...windows: object[]): Festival => ({ name: { zh: "狂欢节", en: "Festival" }, windows, milestones_cny: [5_000_000, 1_000_000, 10_000_000] }) as unknown as Festival;
let root: HTMLElement;

beforeEach(() => {
  root = document.body.appendChild(document.createElement("div"));
  zone.value = new Zone("Asia/Shanghai");
});

afterEach(() => {
  render(null, root);
  root.remove();
  festival.value = newest.value = truth.value = null;
  counted.value = undefined;
  choice.value = { ...choice.value, first: "zh" };
});

const words = (): string => {
  act(() => render(<Header />, root));
  return root.querySelector(".counted")?.textContent ?? "";
};

describe("the window of the total", () => {
  it("is the only one", () => {
    festival.value = of(window("day", START_MS));
    expect(words()).toBe("11月11日 00:00–24:00 00:00–24:00, 11 Nov");
  });
  it("is all of several from the first to the last, or the one that is asked for", () => {
    festival.value = of(window("eve", START_MS - 10 * DAY_MS), window("day", START_MS));
    expect(words()).toBe("11月1日 00:00 – 11月11日 24:00 共 2 段 00:00, 1 Nov – 24:00, 11 Nov 2 windows");
    act(() => { counted.value = "eve"; });
    expect(words()).toBe("11月1日 00:00–24:00 00:00–24:00, 1 Nov");
  });
});

describe("a rehearsal's mark", () => {
  it("is in the first language first", () => {
    festival.value = of(window("day", START_MS));
    newest.value = frame(5, 500, { rehearsal: true });
    words();
    expect(root.querySelector(".rehearsal")?.textContent).toBe("彩排 REHEARSAL");
    choice.value = { ...choice.value, first: "en" };
    words();
    expect(root.querySelector(".rehearsal")?.textContent).toBe("REHEARSAL 彩排");
  });
});

describe("an address with a window", () => {
  const f = of(window("day", START_MS));
  it("keeps one that the festival has, and everything else", () => {
    expect(["", "?screen=left", "?window=day&lang=en"].map((s) => knownWindow(s, f))).toEqual(["", "?screen=left", "?window=day&lang=en"]);
  });
  it("loses one that it does not have", () => {
    expect(["?window=nope", "?window=", "?lang=en&window=nope&map=none"].map((s) => knownWindow(s, f))).toEqual(["", "", "?lang=en&map=none"]);
  });
});

describe("the next milestone by the shown figure", () => {
  const f = of(window("day", START_MS));
  const foreseen = { thresholdFen: 100_000_000, expectedS: 90, lastS: 120 };
  it("is the foreseen one until it is reached, then the one after it", () => {
    expect(stillAhead(foreseen, 99_999_999, f)).toBe(foreseen);
    expect(stillAhead(foreseen, 100_000_000, f)).toEqual({ thresholdFen: 500_000_000, expectedS: null, lastS: null });
    expect(stillAhead(foreseen, 1_000_000_000, f)).toBeNull();
  });
});
