// The flash limits of ITU-R BT.1702 as far as they follow from the style sheet: how often something may repeat, and which light may be
// large. What a recording shows is for a PSE tool.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const css = readFileSync("src/wall/wall.css", "utf8");
/** Linear R / (R + G + B) at and above this is a saturated red. */
const SATURATED = 0.8;

const linear = (v: number): number => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4);
const redness = (r: number, g: number, b: number): number => linear(r) / (linear(r) + linear(g) + linear(b));
const hex = (color: string): [number, number, number] => [1, 3, 5].map((i) => Number.parseInt(color.slice(i, i + 2), 16)) as [number, number, number];
const token = (name: string): string => new RegExp(`--${name}: (#[0-9a-f]{6})`, "i").exec(css)?.[1] ?? "";

describe("large moving light", () => {
  it("is never a saturated red: beams and pillars are flame and gold", () => {
    expect(redness(...hex(token("ember")))).toBeGreaterThanOrEqual(SATURATED);
    expect(redness(...hex(token("gold")))).toBeLessThan(SATURATED);
    const beams = readFileSync("src/wall/beams.tsx", "utf8");
    const colours = [...beams.matchAll(/= \[(\d+), (\d+), (\d+)\] as const/g)].map((m) => m.slice(1, 4).map(Number) as [number, number, number]);
    expect(colours.length).toBe(2);
    for (const colour of colours) expect(redness(...colour)).toBeLessThan(SATURATED);
  });
  it("leaves ember to the badge and to bars", () => {
    const users = css.split("\n").filter((line) => line.includes("var(--ember)")).map((line) => line.slice(0, line.indexOf("{")).trim());
    expect(users.sort()).toEqual([".badge-live", ".bar span", ".mark i", ".progress i"]);
  });
});

describe("flashes", () => {
  it("come at most once in 2 s from anything that repeats, and never in steps", () => {
    const repeated = [...css.matchAll(/animation: ([^;}]*infinite[^;}]*)/g)].map((m) => m[1] ?? "");
    expect(repeated.length).toBeGreaterThan(0);
    for (const one of repeated) expect(Number(/([\d.]+)s/.exec(one)?.[1])).toBeGreaterThanOrEqual(2);
    expect(css).not.toMatch(/steps\(/);
  });
  it("are one slow rise in a celebration and at the opening", () => {
    for (const name of ["opening", "celebrating"]) {
      const rise = new RegExp(`\\.${name} \\.beams i \\{ animation: grow ([\\d.]+)s`).exec(css);
      expect(Number(rise?.[1])).toBeGreaterThanOrEqual(0.5);
    }
    expect(/@keyframes grow \{([^\n]*)\}/.exec(css)?.[1]?.match(/\d+%|from|to/g)?.length ?? 0).toBeLessThanOrEqual(2);
  });
  it("end with all motion where the director or the machine asks for none", () => {
    expect(css).toMatch(/\[data-motion="off"\] \*[^{]*\{ transition: none !important; animation: none !important; \}/);
  });
});
