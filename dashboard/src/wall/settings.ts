// What festival.yaml says of the walls (GET /api/v1/wall). The page's address goes before it; a server that does not know the
// route, or a replay, leaves the page's own. The number never waits for it.
import { signal } from "@preact/signals";

/** Dots without borders, the operator's own map with its approval number, or no map: lights on a ring. */
export type MapMode = "dots" | "file" | "none";
export type Currency = "CNY" | "USD";

export interface Settings {
  map: MapMode;
  /** Printed on the wall in mode file; a map without it is not shown. */
  map_approval: string;
  currency: Currency;
  names: Names;
}

/** The operator's table: names over the page's own, by country code, and countries that are shown as part of another. */
export interface Names {
  countries: Record<string, { zh: string; en: string }>;
  merge: Record<string, string>;
}

export const DEFAULTS: Settings = { map: "dots", map_approval: "", currency: "CNY", names: { countries: {}, merge: {} } };

/** Set once at the start; in a wall without settings it stays the page's own. */
export const settings = signal<Settings>(DEFAULTS);

const pick = <T extends string>(asked: unknown, all: readonly T[]): T | null => all.find((one) => one === asked) ?? null;

/** Settings of an answer under those of the page's address. What makes no sense is left out. */
export function settingsOf(answer: Partial<Settings> | null, search: string): Settings {
  const query = new URLSearchParams(search);
  const map = pick(query.get("map"), ["dots", "file", "none"] as const) ?? pick(answer?.map, ["dots", "file", "none"] as const) ?? DEFAULTS.map;
  return {
    map, map_approval: answer?.map_approval ?? "",
    currency: pick(query.get("currency"), ["CNY", "USD"] as const) ?? pick(answer?.currency, ["CNY", "USD"] as const) ?? DEFAULTS.currency,
    names: { countries: answer?.names?.countries ?? {}, merge: answer?.names?.merge ?? {} },
  };
}
