// What the wall asks for beside the stream, again and again until it has it: the festival, the last festival's curve, this
// one's history. The number never waits for any of it.
import { getFestival, getPeak, getReference, getSeries } from "../shared/api";
import type { Festival, Frame } from "../shared/types";
import { Zone } from "../shared/zone";
import type { Engine, Playing } from "./engine";
import type { Peak } from "./peak";
import { Recording } from "./recording";
import { type Asked, openReplay, Replay } from "./replay";
import { settings, settingsOf } from "./settings";
import { clock, currentWindow, festival, newest, reference, replay, settled, zone } from "./store";

const RETRY_MS = 3000;
/** Second buckets for the first two hours, minute buckets after: what the plot can resolve. */
const SECONDS_UP_TO = 7200;

const sleep = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

export async function loadFestival(engine: Engine): Promise<void> {
  for (;;) {
    const answer = await getFestival();
    if (answer.ok) {
      if (answer.date !== null) engine.clock.hint(answer.date, performance.now());
      take(answer.data);
      const known = knownWindow(location.search, answer.data);
      if (known !== location.search) location.replace(`${location.pathname}${known}`); // a wall is never blank for a word in its address
      break;
    }
    await sleep(RETRY_MS);
  }
  await loadReference();
}

/** The address's query without a window that the festival does not have: the stream of such a one is refused for good. */
export function knownWindow(search: string, f: Festival): string {
  const query = new URLSearchParams(search);
  const asked = query.get("window");
  if (asked === null || f.windows.some((w) => w.id === asked)) return search;
  query.delete("window");
  return query.size === 0 ? "" : `?${query}`;
}

function take(f: Festival): void {
  zone.value = new Zone(f.timezone);
  festival.value = f;
  document.title = `${f.name.zh} ${f.name.en}`;
}

/** Opens the recording and takes the festival from it; null, and said on the badge, where it cannot be read. */
export async function loadReplay(asked: Asked): Promise<(Playing & { start: (engine: Engine) => void }) | null> {
  replay.value = { speed: asked.speed, bad: false };
  settings.value = settingsOf(null, location.search);
  const opened = await openReplay(asked.url);
  if (opened === null) {
    replay.value = { speed: asked.speed, bad: true };
    return null;
  }
  const { head } = opened;
  take(head.festival);
  let engine: Engine | null = null;
  const recording = new Recording(opened.lines, asked.speed, fromOf(asked.from, head.festival), (frame) => engine?.extendCurve(frame));
  return {
    replay: new Replay(recording, asked.speed), speed: asked.speed,
    milestones: async () => head.milestones.map((m) => (m.on_air_second !== null && Date.parse(m.on_air_second) <= clock.value + 2000 ? m : { ...m, on_air_second: null, since_start_s: null })),
    start: (made) => {
      engine = made;
      reference.value = head.reference[head.festival.windows[0]?.id ?? ""] ?? null;
      void recording.run();
    },
  };
}

/** Where the play begins, Unix ms; a clock time is one of the day on which the festival's first window begins. */
function fromOf(from: string, f: Festival): number {
  if (!/^\d{1,2}:\d\d(:\d\d)?$/.test(from)) return Number.isFinite(Date.parse(from)) ? Date.parse(from) : -Infinity;
  const hms = from.length > 5 ? from : `${from}:00`;
  return Date.parse(new Zone(f.timezone).onDay(Date.parse(f.windows[0]?.start ?? ""), hms.padStart(8, "0")));
}

async function loadReference(): Promise<void> {
  while (festival.value?.reference) {
    const window = currentWindow(festival.value, newest.value, clock.value);
    const points = await getReference(window?.id);
    if (points !== null) {
      reference.value = points;
      return;
    }
    await sleep(RETRY_MS * 5);
  }
}

/** Fetches the curve's history up to the settled frame; after a load and after a gap. False: ask again later. */
export async function loadCurve(engine: Engine): Promise<boolean> {
  const frame = settled.value;
  const window = currentWindow(festival.value, frame, clock.value);
  if (frame === null || window === null) return false;
  const start = Date.parse(window.start);
  const upTo = (Math.min(Date.parse(frame.second), Date.parse(window.end)) - start) / 1000;
  if (upTo <= 1) return true;
  const step = upTo <= SECONDS_UP_TO ? 1 : 60;
  const points = await getSeries({ dim: "total", window: window.id, step: step === 1 ? "1s" : "1m" });
  if (points === null) return false;
  engine.loadCurve(points, start / 1000, step, upTo, frame);
  return true;
}

/** The largest second of the window that is shown; null where the server does not say, or there is none yet. */
export async function loadPeak(frame: Frame): Promise<Peak | null> {
  const window = currentWindow(festival.value, frame, clock.value);
  const known = window === null ? null : await getPeak(window.id);
  if (window === null || known === null || known.created_per_s === null || known.created_second === null) return null;
  return { ledger: frame.ledger, window: window.id, since: Date.parse(window.start), at: Date.parse(known.created_second), perS: known.created_per_s };
}
