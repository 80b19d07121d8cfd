// A wall that runs for a day takes a new build in a quiet minute: never near an opening, an end or a milestone.

const ASK_MS = 300_000;
const QUIET_MS = 60_000;
/** No reload this long before a window begins or ends, and after it began. */
const EDGE_MS = 600_000;

export interface Quiet {
  now: number;
  edges: readonly number[];
  celebrating: boolean;
  /** Unix ms at which the next milestone is expected; null where nothing tells. */
  expected: number | null;
  lastCelebration: number;
}

/** Whether nobody would mind a picture that is gone for a second. All Unix ms of the server's clock. */
export function isQuiet({ now, edges, celebrating, expected, lastCelebration }: Quiet): boolean {
  if (celebrating || now - lastCelebration < QUIET_MS) return false;
  if (expected !== null && Math.abs(expected - now) < 3 * QUIET_MS) return false;
  return edges.every((edge) => Math.abs(edge - now) > EDGE_MS);
}

/** Asks every five minutes whether the page on the server is another one; reloads in the first quiet minute after. */
export function renew(quiet: () => boolean): void {
  let mine: string | null = null;
  let other = false;
  setInterval(() => {
    if (other && quiet()) location.reload();
    void tagOf().then((tag) => {
      mine ??= tag;
      other = tag !== null && tag !== mine;
    });
  }, ASK_MS);
  void tagOf().then((tag) => { mine = tag; });
}

async function tagOf(): Promise<string | null> {
  try {
    const answer = await fetch("/", { method: "HEAD", cache: "no-store", signal: AbortSignal.timeout(8000) });
    return answer.ok ? answer.headers.get("ETag") : null;
  } catch {
    return null;
  }
}
