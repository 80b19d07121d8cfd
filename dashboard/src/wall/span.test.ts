// @vitest-environment happy-dom
import { describe, expect, it } from "vitest";
import { Zone } from "../shared/zone";
import { spanOf } from "./span";

const zone = new Zone("Asia/Shanghai");
const span = (start: string, end: string): string[] => (["zh", "en"] as const).map((l) => spanOf(zone, Date.parse(start), Date.parse(end), l));

describe("the window under the number's name", () => {
  it("is a day from 0 to 24 o'clock in the festival's zone", () => {
    expect(span("2026-11-11T00:00:00+08:00", "2026-11-12T00:00:00+08:00")).toEqual(["11月11日 00:00–24:00", "00:00–24:00, 11 Nov"]);
  });
  it("names both days where it has two", () => {
    expect(span("2026-11-10T20:00:00+08:00", "2026-11-12T00:00:00+08:00")).toEqual(["11月10日 20:00 – 11月11日 24:00", "20:00, 10 Nov – 24:00, 11 Nov"]);
    expect(span("2026-11-23T16:08:30+08:00", "2026-11-24T16:08:30+08:00")).toEqual(["11月23日 16:08 – 11月24日 16:08", "16:08, 23 Nov – 16:08, 24 Nov"]);
  });
  it("ends before midnight on the day it begins", () => {
    expect(span("2026-11-11T10:00:00+08:00", "2026-11-11T12:30:00+08:00")).toEqual(["11月11日 10:00–12:30", "10:00–12:30, 11 Nov"]);
  });
});
