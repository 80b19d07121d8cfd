// Flat catalogues. Chinese and English have every key; the others have those of desk and merchant, and a test holds them to
// exactly that. No library: a key, a language, a few parameters.
import { signal } from "@preact/signals";
import en from "./en.json";
import zh from "./zh.json";

export type Locale = "zh" | "en" | "es" | "it" | "tr" | "ru";
export type Key = keyof typeof zh;

/** Keys of the operators' page and of the wall alone: Chinese and English only. */
export const TWO_ONLY = /^(ops|alarm|advice|passage|sign|dialog|hold|keys|commands|span|wall|remote|took|next|rate|ranking|legend|countdown|milestone|mobile)\./;

/** Chinese and English come with every page, the others with languages.ts: the wall needs two. */
const CATALOGUES: Partial<Record<Locale, Partial<Record<Key, string>>>> = { zh, en };

/** Adds catalogues; a page does it before it renders. */
export function learn(more: Partial<Record<Locale, Partial<Record<Key, string>>>>): void {
  Object.assign(CATALOGUES, more);
}

/** Languages by their own names, in the order of the choice. */
export const LANGUAGES: Record<Locale, string> = { zh: "中文", en: "EN", es: "ES", it: "IT", tr: "TR", ru: "RU" };
export const ALL: readonly Locale[] = ["zh", "en", "es", "it", "tr", "ru"];
export const TWO: readonly Locale[] = ["zh", "en"];

/** BCP 47 tags for the browser's own tables and for the document. */
export const TAGS: Record<Locale, string> = { zh: "zh-CN", en: "en", es: "es", it: "it", tr: "tr", ru: "ru" };

const STORE = "festival.locale";

/** The language of a page that shows one language at a time (the wall shows both). */
export const locale = signal<Locale>(firstLocale());

function firstLocale(): Locale {
  const asked = new URLSearchParams(location.search).get("lang") ?? stored() ?? navigator.language;
  return ALL.find((l) => asked.startsWith(l)) ?? "zh";
}

function stored(): string | null {
  try {
    return localStorage.getItem(STORE);
  } catch {
    return null; // a locked-down kiosk profile
  }
}

/** A page that has only some of the languages shows English instead of the others; the choice for other pages stays. */
export function offer(languages: readonly Locale[]): void {
  if (!languages.includes(locale.value)) locale.value = "en";
  document.documentElement.lang = TAGS[locale.value];
}

export function setLocale(next: Locale): void {
  locale.value = next;
  document.documentElement.lang = TAGS[next];
  try {
    localStorage.setItem(STORE, next);
  } catch {
    // the choice then lasts as long as the page
  }
}

/** Text of a key in one language; {name} takes a parameter. */
export function text(language: Locale, key: Key, params: Record<string, string | number> = {}): string {
  return (CATALOGUES[language]?.[key] ?? en[key]).replace(/\{(\w+)\}/g, (_, name: string) => String(params[name] ?? ""));
}

/** Text in the page's language. */
export const t = (key: Key, params?: Record<string, string | number>): string => text(locale.value, key, params);

/** Whether a string (from data, such as a device) is a key. */
export const isKey = (key: string): key is Key => key in zh;

/** Marks of thousands and of decimals: es, it and tr group with points, ru with no-break spaces (pages.md §4). */
const MARKS: Record<Locale, readonly [thousands: string, decimal: string]> = { zh: [",", "."], en: [",", "."], es: [".", ","], it: [".", ","], tr: [".", ","], ru: ["\u00a0", ","] };

/** The digits of a formatted number ("1,234.56") with the marks of a language, the page's where none is named. */
export function num(shown: string, language: Locale = locale.value): string {
  const [thousands, decimal] = MARKS[language];
  return shown.replace(/[,.]/g, (mark) => (mark === "," ? thousands : decimal));
}
