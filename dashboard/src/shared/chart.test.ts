// @vitest-environment happy-dom
import { describe, expect, it } from "vitest";
import { bridge, buckets, cumulative } from "./chart";

describe("charts", () => {
  it("bridge by time, not by place, and leave what comes after the last value", () => {
    expect(bridge([0, 43, 57, 61, 70], [0, null, null, 610, null])).toEqual([0, 430, 570, 610, null]);
    expect(bridge([0, 10, 20], [null, 5, null])).toEqual([null, 5, null]);
  });
  it("have the server's buckets, also where a window begins within one", () => {
    expect(buckets([{ t: 60, gmv_fen: 7 }, { t: 180, gmv_fen: 9 }], 77, 259, 60)).toEqual([[60, 120, 180], [7, 0, 9]]);
    expect(buckets([], 77, 119, 60)).toEqual([[], []]);
  });
  it("add up at a bucket's end", () => {
    expect(cumulative([{ t: 60, gmv_fen: 7 }, { t: 120, gmv_fen: 9 }], 77, 60)).toEqual([[77, 120, 180], [0, 7, 16]]);
  });
});
