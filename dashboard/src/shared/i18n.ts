// Two flat catalogues with the same keys (a test holds them together). No library: a key, a language, a few parameters.
import { signal } from "@preact/signals";
import en from "./en.json";
import zh from "./zh.json";

export type Locale = "zh" | "en";
export type Key = keyof typeof zh;

const CATALOGUES: Record<Locale, Record<Key, string>> = { zh, en };
const STORE = "festival.locale";

/** The language of a page that shows one language at a time (the wall shows both). */
export const locale = signal<Locale>(firstLocale());

function firstLocale(): Locale {
  const asked = new URLSearchParams(location.search).get("lang") ?? stored() ?? navigator.language;
  return asked.startsWith("en") ? "en" : "zh";
}

function stored(): string | null {
  try {
    return localStorage.getItem(STORE);
  } catch {
    return null; // a locked-down kiosk profile
  }
}

export function setLocale(next: Locale): void {
  locale.value = next;
  document.documentElement.lang = next === "zh" ? "zh-CN" : "en";
  try {
    localStorage.setItem(STORE, next);
  } catch {
    // the choice then lasts as long as the page
  }
}

/** Text of a key in one language; {name} takes a parameter. */
export function text(language: Locale, key: Key, params: Record<string, string | number> = {}): string {
  return CATALOGUES[language][key].replace(/\{(\w+)\}/g, (_, name: string) => String(params[name] ?? ""));
}

/** Text in the page's language. */
export const t = (key: Key, params?: Record<string, string | number>): string => text(locale.value, key, params);

/** Whether a string (from data, such as a device) is a key. */
export const isKey = (key: string): key is Key => key in zh;
