import { t } from "../shared/i18n";

/** Whole seconds in words: 12 s, 4 min 5 s, 3 h 2 min. */
export function span(s: number): string {
  const min = Math.floor(s / 60);
  return s < 60 ? t("span.s", { s }) : min < 60 ? t("span.min", { m: min, s: s % 60 }) : t("span.h", { h: Math.floor(min / 60), m: min % 60 });
}
