// Large counts and bytes as a person reads them, rounded down: 1.83 bn, 18.30 亿, 2.9 TB.
import { floorDiv, group } from "../shared/format";
import type { Locale } from "../shared/i18n";

const SCALES: Record<string, readonly [number, string][]> = {
  zh: [[1e8, " 亿"], [1e4, " 万"]],
  en: [[1e9, " bn"], [1e6, " m"]],
  bytes: [[1e12, " TB"], [1e9, " GB"], [1e6, " MB"]],
};

/** `text` with at most one or two decimals; `value` is what it says, in the unit of `n`. */
export function amount(n: number, unit: string, locale: Locale): { text: string; value: number } {
  const bytes = unit === "bytes";
  const scale = SCALES[bytes ? "bytes" : locale === "zh" ? "zh" : "en"]?.find(([size]) => n >= size);
  if (scale === undefined) return { text: group(n), value: n };
  const [size, name] = scale;
  const step = bytes ? size / 10 : size / 100;
  const kept = floorDiv(n, step);
  const digits = bytes ? 1 : 2;
  const per = bytes ? 10 : 100;
  return { text: `${group(floorDiv(kept, per))}.${String(kept % per).padStart(digits, "0")}${name}`, value: kept * step };
}

/** Milliseconds as tenths of a second under 100 s, whole seconds above. */
export function seconds(ms: number): { text: string; value: number } {
  if (ms >= 100_000) return { text: group(floorDiv(ms, 1000)), value: floorDiv(ms, 1000) * 1000 };
  const tenths = floorDiv(ms, 100);
  return { text: `${floorDiv(tenths, 10)}.${tenths % 10}`, value: tenths * 100 };
}
