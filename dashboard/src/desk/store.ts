// What the press desk knows beside the session: milestones, curves, the pinned second, one fetched breakdown.
import { signal } from "@preact/signals";
import { getBreakdown, getFrameAt, getMilestones, getReference, getSeries } from "../shared/api";
import { clock, festival, shown, zone } from "../shared/session";
import type { BreakdownRow, Frame, Milestone, ReferencePoint, SeriesPoint } from "../shared/types";

export type Dim = "country" | "device" | "province" | "category";

export const milestones = signal<Milestone[] | null>(null);
export const series = signal<SeriesPoint[] | null>(null);
export const reference = signal<ReferencePoint[] | null>(null);
export const categories = signal<BreakdownRow[] | null>(null);
export const dim = signal<Dim>("country");
/** The official frame that a looked-up second is answered by, and what was asked (Unix ms). */
export const pinned = signal<{ asked: number; frame: Frame } | null>(null);
/** Why a look-up has no answer. */
export const lookupProblem = signal<"desk.noFrame" | "desk.badTime" | null>(null);

const SLOW_MS = 5000;
const CURVE_MS = 15_000;

/** Asks again and again; what fails keeps what was there. */
export function startDesk(): void {
  const every = (ms: number, ask: () => Promise<void>): void => {
    const again = (): void => void ask().finally(() => setTimeout(again, ms));
    again();
  };
  every(SLOW_MS, async () => {
    milestones.value = (await getMilestones()) ?? milestones.value;
    if (dim.value === "category") await loadCategories();
  });
  every(CURVE_MS, async () => {
    const window = currentWindow();
    series.value = (await getSeries({ dim: "total", step: "1m", ...(window ? { window: window.id } : {}) })) ?? series.value;
    if (reference.value === null && festival.value?.reference) reference.value = await getReference(window?.id);
  });
}

export async function loadCategories(): Promise<void> {
  categories.value = (await getBreakdown("category")) ?? categories.value;
}

/** The open window, else the last begun, else the first. */
export function currentWindow() {
  const f = festival.value;
  if (f === null) return null;
  const open = f.windows.find((w) => w.id === shown.value?.window);
  const begun = f.windows.filter((w) => Date.parse(w.start) <= clock.value);
  return open ?? begun[begun.length - 1] ?? f.windows[0] ?? null;
}

const CLOCK = /^([01]?\d|2[0-3])[:：]([0-5]\d)(?:[:：]([0-5]\d))?$/;

/** "13:25:54" on the shown day as RFC 3339 in the festival's zone; null if it is no time. Earlier day if it would lie ahead. */
export function parseSecond(textOf: string, now: number): string | null {
  const found = CLOCK.exec(textOf.trim());
  if (found === null) return null;
  const hms = `${(found[1] ?? "").padStart(2, "0")}:${found[2]}:${found[3] ?? "00"}`;
  const today = zone.value.onDay(now, hms);
  return Date.parse(today) <= now ? today : zone.value.onDay(now - 86_400_000, hms);
}

/** Pins the second that was typed. */
export async function lookUp(textOf: string): Promise<void> {
  const at = parseSecond(textOf, clock.value);
  if (at === null) {
    lookupProblem.value = "desk.badTime";
    return;
  }
  await pin(at);
}

/** Pins a moment, RFC 3339. */
export async function pin(at: string): Promise<void> {
  const answer = await getFrameAt(at);
  lookupProblem.value = answer.ok ? null : "desk.noFrame";
  if (answer.ok) pinned.value = { asked: Date.parse(at), frame: answer.data };
}

export function unpin(): void {
  pinned.value = null;
  lookupProblem.value = null;
}
