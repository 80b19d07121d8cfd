// Countries as the wall shows them: by the operator's table of names (festival.yaml, wall.names_file), some as part of another.
// Sums are added, never estimated, so that what is merged away is still in the total.
import { computed } from "@preact/signals";
import { countryName } from "../shared/names";
import type { CountrySum, Frame, KeyedSum } from "../shared/types";
import { settings } from "./settings";
import { settled } from "./store";

/** Rows with the merged ones added to their targets, largest GMV first; the same rows where nothing is merged. */
export function mergeRows<T extends KeyedSum>(rows: readonly T[], keyOf: (key: string) => string): readonly T[] {
  if (rows.every((row) => keyOf(row.key) === row.key)) return rows;
  const out = new Map<string, T>();
  for (const row of rows) {
    const key = keyOf(row.key);
    const old = out.get(key);
    if (old === undefined) out.set(key, { ...row, key });
    else out.set(key, { ...old, gmv_fen: old.gmv_fen + row.gmv_fen, orders: old.orders + row.orders });
  }
  return [...out.values()].sort((a, b) => b.gmv_fen - a.gmv_fen);
}

/** Where a country, or both ends of a flow, are shown. */
const shownAs = (key: string): string => key.split(">").map((code) => settings.value.names.merge[code] ?? code).join(">");

/** Countries of a frame as shown. */
export const marketsOf = (countries: readonly CountrySum[]): readonly CountrySum[] => mergeRows(countries, shownAs);

/** Flows as shown; what stays within a merged country crosses nothing. */
export const flowsOf = (frame: Frame): readonly KeyedSum[] => mergeRows(frame.flows, shownAs);

/** The shown frame's countries. */
export const markets = computed(() => marketsOf(settled.value?.countries ?? []));

/** A country's name by the operator's table, else the page's own. */
export const marketName = (code: string, language: "zh" | "en"): string => settings.value.names.countries[code]?.[language] || countryName(code, language);
