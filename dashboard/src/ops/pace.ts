// Rejects a second by reason, from exact counts that were asked for again and again.

export interface Counts {
  /** Local monotonic ms. */
  at: number;
  counts: Record<string, number>;
}

export interface Pace {
  /** A second, rounded down, over the last minute or since the page looks; null before it has looked for ten seconds. */
  perS: number | null;
}

const SPAN_MS = 60_000;
const LEAST_MS = 10_000;

/** Adds `next` to the looks of the last minute and gives the pace of each reason. */
export function paces(history: Counts[], next: Counts): Map<string, Pace> {
  history.push(next);
  while (history.length > 2 && next.at - (history[1]?.at ?? 0) > SPAN_MS) history.shift();
  const first = history[0] ?? next;
  const took = next.at - first.at;
  return new Map(Object.entries(next.counts).map(([reason, n]) => {
    const more = Math.max(0, n - (first.counts[reason] ?? 0));
    return [reason, { perS: took < LEAST_MS ? null : Math.floor((more * 1000) / took) }];
  }));
}
