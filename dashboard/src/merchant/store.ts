// One merchant's own figures: the total every two seconds, the curve every half minute. Nothing of anyone else.
import { signal } from "@preact/signals";
import { getMerchant, getMerchantSeries } from "../shared/api";
import type { MerchantTotal, SeriesPoint } from "../shared/types";

const TOTAL_MS = 2000;
const CURVE_MS = 20_000;

export const id = new URLSearchParams(location.search).get("id") ?? "";
export const total = signal<MerchantTotal | null>(null);
export const points = signal<SeriesPoint[] | null>(null);
/** 403 and 404 alike: one page, whatever the reason. */
export const refused = signal(false);
export const mode = signal<"minute" | "total">("minute");

let positions: Record<string, number> = {};

/** A cut with any position below the shown one is ignored: a figure never falls. */
function behind(next: Record<string, number>): boolean {
  return Object.entries(positions).some(([p, position]) => (next[p] ?? 0) < position);
}

async function loadTotal(): Promise<void> {
  const answer = await getMerchant(id);
  if (!answer.ok) {
    if (answer.status === 403 || answer.status === 404) refused.value = true;
    return;
  }
  refused.value = false;
  if (behind(answer.data.positions)) return;
  positions = answer.data.positions;
  total.value = answer.data.total;
}

async function loadCurve(): Promise<void> {
  points.value = (await getMerchantSeries(id)) ?? points.value;
}

export function startMerchant(): void {
  if (id === "") return;
  for (const [ms, ask] of [[TOTAL_MS, loadTotal], [CURVE_MS, loadCurve]] as const) {
    const again = (): void => void ask().finally(() => setTimeout(again, ms));
    again();
  }
}
