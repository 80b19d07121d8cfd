// Figures as text. Everything is rounded down, never up, by integer arithmetic: a screen that shows 2,094.13 亿 beside
// 209,411,830,746 has lied. `value` is what goes into data-value: the displayed figure in the path's own unit.

/** A figure as shown and as data-value. */
export interface Shown {
  text: string;
  value: string;
}

/** Exact floor of a / b for safe integers, b > 0. */
export function floorDiv(a: number, b: number): number {
  const rest = a % b;
  return (a - rest) / b - (rest < 0 ? 1 : 0);
}

/** 1234567 -> 1,234,567. Negative numbers carry the true minus sign. */
export function group(n: number): string {
  const digits = Math.abs(n).toString().replace(/\B(?=(\d{3})+$)/g, ",");
  return n < 0 ? `−${digits}` : digits;
}

const pad2 = (n: number): string => n.toString().padStart(2, "0");

/** Whole yuan of an amount in fen. */
export function yuan(fen: number): Shown {
  const whole = floorDiv(fen, 100);
  return { text: group(whole), value: String(whole * 100) };
}

/** Yuan and fen, split so that decimals can be set smaller: ["1,234", "56"]. */
export function yuanFen(fen: number): { whole: string; cents: string; value: string } {
  const sign = fen < 0 ? "−" : "";
  const abs = Math.abs(fen);
  return { whole: sign + group(floorDiv(abs, 100)), cents: pad2(abs % 100), value: String(fen) };
}

/** Hundredths of a unit of `unitFen` fen, rounded down: 209411830746_00 fen in 亿 -> 2,094.11. */
export function inUnit(fen: number, unitFen: number): Shown {
  const step = unitFen / 100;
  const hundredths = floorDiv(fen, step);
  const abs = Math.abs(hundredths);
  const text = `${hundredths < 0 ? "−" : ""}${group(floorDiv(abs, 100))}.${pad2(abs % 100)}`;
  return { text, value: String(hundredths * step) };
}

/** Fen in one 亿 yuan (10^8), one 万 yuan (10^4), one billion yuan (10^9). */
export const YI_FEN = 1e10;
export const WAN_FEN = 1e6;
export const BILLION_FEN = 1e11;
export const MILLION_FEN = 1e8;

/** A Chinese unit with its English gloss. */
export interface MoneyUnit {
  fen: number;
  zh: string;
  en: string;
}

const UNITS: readonly MoneyUnit[] = [
  { fen: YI_FEN, zh: "亿", en: "RMB 100 m" },
  { fen: WAN_FEN, zh: "万", en: "RMB 10 k" },
  { fen: 100, zh: "", en: "RMB" },
];

/** Short-scale units of English figures, with what an axis has room for. */
const SHORT_SCALE = [
  { fen: BILLION_FEN, en: " billion", axis: " bn" },
  { fen: MILLION_FEN, en: " million", axis: " m" },
  { fen: 100, en: "", axis: "" },
] as const;

/** A figure in the unit of one language: 2,000 and 亿, or the same money as 200 and " billion". */
export interface InWords extends Shown {
  /** After the number, with the space that belongs before it; "" for plain yuan. */
  unit: string;
  /** The unit where room is short. */
  axis: string;
  /** Fen in one unit. */
  fen: number;
}

/** `fen` in the unit that `language` has for an amount of `like` fen, such as the top row of its list. Rounded down. */
export function money(fen: number, language: "zh" | "en", like = fen): InWords {
  const zh = unitFor(like);
  const unit = language === "zh" ? { fen: zh.fen, unit: zh.zh, axis: ` ${zh.zh}` } : short(like);
  return { ...(unit.fen === 100 ? yuan(fen) : inUnit(fen, unit.fen)), ...unit };
}

function short(like: number): { fen: number; unit: string; axis: string } {
  const { fen, en, axis } = SHORT_SCALE.find((u) => like >= u.fen) ?? SHORT_SCALE[2];
  return { fen, unit: en, axis };
}

/** A round amount without its idle decimals, for an axis or a mark: "2,000 亿", "200 bn". */
export function mark(fen: number, language: "zh" | "en"): string {
  const { text, axis } = money(fen, language);
  return `${plain(text)}${axis}`.trim();
}

/** Without decimals that are all zero at the end: 2,000.00 -> 2,000; 1,234.50 -> 1,234.5; 2,000 stays. */
export const plain = (text: string): string => text.replace(/\.(\d*?)0+$/, (_, kept: string) => (kept === "" ? "" : `.${kept}`));

/** The largest unit in which `fen` is at least one. */
export function unitFor(fen: number): MoneyUnit {
  return UNITS.find((u) => fen >= u.fen) ?? { fen: 100, zh: "", en: "RMB" };
}

/** 亿 above one 亿, 万 below, yuan below one 万; with the unit's character. */
export function chinese(fen: number): Shown & { unit: string } {
  const unit = unitFor(fen);
  const shown = unit.fen === 100 ? yuan(fen) : inUnit(fen, unit.fen);
  return { ...shown, unit: unit.zh };
}

/** English short scale: "RMB 209.41 billion", of fen or, as USD, of cents. Never 亿 as billion. */
export function english(fen: number, currency: "RMB" | "USD" = "RMB"): Shown {
  const { text, value, unit } = money(fen, "en");
  return { text: `${currency} ${text}${unit}`, value };
}

/** A share "0.8834" as percent with `decimals` (1 or 2) places: 88.3 or 88.34; null stays unknown. */
export function percent(part: string | null | undefined, decimals: 1 | 2 = 1): Shown {
  if (part === null || part === undefined) return { text: "–", value: "" };
  const [whole = "0", fraction = ""] = part.split(".");
  const tenThousandths = Number(whole) * 10000 + Number(fraction.padEnd(4, "0").slice(0, 4));
  const step = decimals === 1 ? 10 : 1;
  const kept = floorDiv(tenThousandths, step);
  const scale = 100 / step;
  const text = `${group(floorDiv(kept, scale))}.${String(kept % scale).padStart(decimals, "0")}`;
  return { text, value: (kept * step / 10000).toFixed(decimals + 2) };
}

/** part/whole as a share string with four decimals rounded down, as the server does it; null for a share of nothing. */
export function share(part: number, whole: number): string | null {
  if (whole <= 0) return null;
  const ten = Number((BigInt(part) * 10000n) / BigInt(whole));
  return `${floorDiv(ten, 10000)}.${String(ten % 10000).padStart(4, "0")}`;
}

/** Growth of `now` over `then` (both > 0) in percent with one decimal, rounded down, always signed. */
export function growth(now: number, then: number): Shown {
  const permille = floorBig(BigInt(now) * 1000n, BigInt(then)) - 1000;
  const abs = Math.abs(permille);
  const sign = permille < 0 ? "−" : "+";
  return { text: `${sign}${group(floorDiv(abs, 10))}.${abs % 10}%`, value: (permille / 1000).toFixed(3) };
}

function floorBig(a: bigint, b: bigint): number {
  const q = a / b;
  return Number(a % b < 0n ? q - 1n : q);
}

/** Whole or tenth seconds of an age in ms, in words a person reads: 0.4, 8, 75. */
export function ageSeconds(ms: number): string {
  if (ms < 1000) return `0.${Math.floor(ms / 100)}`;
  return String(Math.floor(ms / 1000));
}

/** Seconds as H:MM:SS, hours not limited to 24. */
export function duration(totalSeconds: number): string {
  const s = Math.max(0, Math.floor(totalSeconds));
  return `${String(Math.floor(s / 3600)).padStart(2, "0")}:${pad2(Math.floor(s / 60) % 60)}:${pad2(s % 60)}`;
}
