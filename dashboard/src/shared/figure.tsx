// Figures inside text. CONTRACT.md §5: every figure stands in an element with data-figure (its path) and data-value (what is
// displayed, a plain number in the path's unit). Digits of names, units, ranks and ids are labels: data-label. Moments are
// <time>. A test walks every page for digits that are none of these.
import type { ComponentChildren } from "preact";
import { type Key, locale, type Locale, text } from "./i18n";
import { zone } from "./zone";

/** One figure. `value` is plain: a number, or "" where nothing is known. */
export function Fig({ path, value, className, children }: { path: string; value: number | string | null; className?: string; children: ComponentChildren }) {
  return <span data-figure={path} data-value={value ?? ""} {...(className ? { class: className } : {})}>{children}</span>;
}

/** Digits that are part of a name, a unit, a rank or an id. */
export const Label = ({ children }: { children: ComponentChildren }) => <span data-label>{children}</span>;

/** A moment on the festival's clock; `ms` is Unix milliseconds, null for not known. */
export function At({ ms }: { ms: number | null }) {
  return ms === null || !Number.isFinite(ms) ? <>–</> : <time dateTime={new Date(ms).toISOString()}>{zone.value.clock(ms)}</time>;
}

/** A text of the catalogue whose parameters may be elements. */
export function Rich({ k, language, ...parts }: { k: Key; language?: Locale } & Record<string, ComponentChildren>) {
  const pieces = text(language ?? locale.value, k, Object.fromEntries(Object.keys(parts).map((name) => [name, `{${name}}`]))).split(/\{(\w+)\}/);
  return <>{pieces.map((piece, i) => (i % 2 === 1 ? parts[piece] : piece))}</>;
}
