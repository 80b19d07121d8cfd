// @vitest-environment happy-dom
import { describe, expect, it } from "vitest";
import "./languages";
import en from "./en.json";
import es from "./es.json";
import { isKey, num, TWO_ONLY, text } from "./i18n";
import it_ from "./it.json";
import { countryName, provinceName } from "./names";
import ru from "./ru.json";
import tr from "./tr.json";
import zh from "./zh.json";
import { Zone } from "./zone";

describe("catalogues", () => {
  it("have the same keys, none empty", () => {
    expect(Object.keys(en).sort()).toEqual(Object.keys(zh).sort());
    for (const value of [...Object.values(zh), ...Object.values(en)]) expect(value.trim()).not.toBe("");
  });
  it("take the same parameters", () => {
    const names = (s: string): string[] => [...s.matchAll(/\{(\w+)\}/g)].map((m) => m[1] ?? "").sort();
    for (const key of Object.keys(zh) as (keyof typeof zh)[]) expect([key, names(en[key])]).toEqual([key, names(zh[key])]);
  });
  it.each(Object.entries({ es, it: it_, tr, ru }))("%s has every key of desk and merchant, no other, with the same parameters", (_, words: Record<string, string>) => {
    const names = (s: string): string[] => [...s.matchAll(/\{(\w+)\}/g)].map((m) => m[1] ?? "").sort();
    expect(Object.keys(words).sort()).toEqual(Object.keys(en).filter((key) => !TWO_ONLY.test(key)).sort());
    for (const [key, value] of Object.entries(words)) {
      expect(value.trim()).not.toBe("");
      expect([key, names(value)]).toEqual([key, names(en[key as keyof typeof en])]);
      expect(value).not.toMatch(/[\u4e00-\u9fff]/);
    }
  });
  it("group digits as the language does", () => {
    expect(num("1,234,567.89", "it")).toBe("1.234.567,89");
    expect(num("−1,234.5", "ru")).toBe("−1\u00a0234,5");
    expect(num("1,234.5", "zh")).toBe("1,234.5");
  });
  it("fill parameters in", () => {
    expect(text("zh", "state.stale", { s: 8 })).toBe("数据延迟 8 秒");
    expect(isKey("device.app")).toBe(true);
    expect(isKey("device.fridge")).toBe(false);
  });
});

describe("names", () => {
  it("follow the overrides", () => {
    expect(countryName("TW", "zh")).toBe("中国台湾");
    expect(countryName("HK", "en")).toBe("Hong Kong, China");
    expect(countryName("RU", "zh")).toBe("俄罗斯");
    expect(countryName("unknown", "en")).toBe("Unknown");
    expect(countryName("TW", "ru")).toBe("Тайвань, Китай");
    expect(countryName("RU", "it")).toBe("Russia");
    expect(countryName("ZZ9", "en")).toBe("ZZ9");
  });
  it("know the provinces", () => {
    expect(provinceName("330000", "zh")).toBe("浙江");
    expect(provinceName("999999", "en")).toBe("999999");
  });
});

describe("zone", () => {
  it("tells the festival's time wherever the page runs", () => {
    const zone = new Zone("Asia/Shanghai");
    const ms = Date.parse("2026-11-11T00:03:01+08:00");
    expect(zone.clock(ms)).toBe("00:03:01");
    expect(zone.dateEn(ms)).toBe("11 Nov");
    expect([zone.date(ms, "es"), zone.name("es"), new Zone("UTC").name("es")]).toEqual(["11 nov", "Hora de Pekín", "UTC"]);
    expect(zone.onDay(ms, "13:25:54")).toBe("2026-11-11T13:25:54+08:00");
    expect(new Zone("UTC").onDay(ms, "13:25:54")).toBe("2026-11-10T13:25:54+00:00");
  });
});
