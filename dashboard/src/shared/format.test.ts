import { describe, expect, it } from "vitest";
import { ageSeconds, chinese, duration, english, floorDiv, group, growth, inUnit, mark, money, percent, share, unitFor, YI_FEN, yuan, yuanFen } from "./format";
import { seeded } from "./testing";

describe("figures as text", () => {
  it("floors 亿, never rounds up", () => {
    expect(inUnit(20_941_999_999_999, YI_FEN)).toEqual({ text: "2,094.19", value: "20941900000000" });
    expect(chinese(20_941_183_074_699)).toEqual({ text: "2,094.11", value: "20941100000000", unit: "亿" });
    expect(chinese(9_999_999_999).unit).toBe("万");
    expect(chinese(9_999_999_999).text).toBe("9,999.99");
    expect(chinese(999_999).text).toBe("9,999");
    expect(unitFor(1e10).zh).toBe("亿");
  });
  it("shows whole yuan and says so in fen", () => {
    expect(yuan(20_941_492_852_499)).toEqual({ text: "209,414,928,524", value: "20941492852400" });
    expect(yuan(99)).toEqual({ text: "0", value: "0" });
    expect(yuanFen(431_820_760)).toEqual({ whole: "4,318,207", cents: "60", value: "431820760" });
    expect(yuanFen(-150).whole).toBe("−1");
  });
  it("is exact up to 2^53", () => {
    expect(yuan(2 ** 53 - 1).text).toBe("90,071,992,547,409");
    expect(yuanFen(2 ** 53 - 1).cents).toBe("91");
  });
  it("agrees with big integers on random amounts", () => {
    const random = seeded(11);
    expect.assertions(0);
    for (let i = 0; i < 20_000; i++) {
      const fen = Math.floor(random() * 2 ** 53);
      const exact = BigInt(yuan(fen).value) === (BigInt(fen) / 100n) * 100n && BigInt(inUnit(fen, YI_FEN).value) === (BigInt(fen) / 100_000_000n) * 100_000_000n;
      if (!exact) expect(fen).toBe("shown exactly");
    }
  });
  it("floors negative numbers downwards too", () => {
    expect(floorDiv(-1, 100)).toBe(-1);
    expect(floorDiv(-100, 100)).toBe(-1);
    expect(group(-1234567)).toBe("−1,234,567");
  });
  it("speaks the English short scale, never 亿 as billion", () => {
    expect(english(20_941_183_074_699).text).toBe("RMB 209.41 billion");
    expect(english(25_777_826_099).text).toBe("RMB 257.77 million");
    expect(english(99_999_999).text).toBe("RMB 999,999");
  });
  it("marks an axis in the units of the language that comes first", () => {
    const round = [2e13, 5e12, 1e11, 2.5e10, 1e10, 5e8, 1e6, 200_000, 0];
    expect(round.map((fen) => mark(fen, "zh"))).toEqual(["2,000 亿", "500 亿", "10 亿", "2.5 亿", "1 亿", "500 万", "1 万", "2,000", "0"]);
    expect(round.map((fen) => mark(fen, "en"))).toEqual(["200 bn", "50 bn", "1 bn", "250 m", "100 m", "5 m", "10,000", "2,000", "0"]);
    expect(money(3_000_000_000, "en", 2e11)).toMatchObject({ text: "0.03", unit: " billion", value: "3000000000" });
    expect(money(3_000_000_000, "zh", 2e11)).toMatchObject({ text: "0.30", unit: "亿", value: "3000000000" });
  });
  it("cuts shares, keeps unknown unknown", () => {
    expect(percent("0.8839")).toEqual({ text: "88.3", value: "0.883" });
    expect(percent("0.8839", 2)).toEqual({ text: "88.39", value: "0.8839" });
    expect(percent("1.0000").text).toBe("100.0");
    expect(percent("0.0004").text).toBe("0.0");
    expect(percent(null)).toEqual({ text: "–", value: "" });
    expect(share(2, 3)).toBe("0.6666");
    expect(share(0, 0)).toBeNull();
    expect(share(3, 3)).toBe("1.0000");
  });
  it("signs growth and rounds it down", () => {
    expect(growth(12279, 10000)).toEqual({ text: "+22.7%", value: "0.227" });
    expect(growth(9999, 10000).text).toBe("−0.1%");
    expect(growth(5e15, 4e15).text).toBe("+25.0%");
  });
  it("writes ages and durations", () => {
    expect([0, 399, 999, 1000, 8900].map(ageSeconds)).toEqual(["0.0", "0.3", "0.9", "1", "8"]);
    expect(duration(48_789)).toBe("13:33:09");
    expect(duration(59.9)).toBe("00:00:59");
  });
});
