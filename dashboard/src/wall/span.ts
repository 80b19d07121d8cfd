// Since when and until when the total counts, for whoever reads it from afar.
import type { Zone } from "../shared/zone";

/** A window in words: 11月11日 00:00–24:00, or 20:00, 10 Nov – 24:00, 11 Nov. `start` and `end` are Unix ms, the end itself outside. */
export function spanOf(zone: Zone, start: number, end: number, language: "zh" | "en"): string {
  const midnight = zone.minute(end) === "00:00";
  const [from, to] = [zone.minute(start), midnight ? "24:00" : zone.minute(end)];
  const [first, last] = [zone.date(start, language), zone.date(midnight ? end - 1000 : end, language)];
  if (first === last) return language === "zh" ? `${first} ${from}–${to}` : `${from}–${to}, ${first}`;
  return language === "zh" ? `${first} ${from} – ${last} ${to}` : `${from}, ${first} – ${to}, ${last}`;
}
