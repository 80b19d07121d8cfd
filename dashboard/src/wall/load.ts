// What the wall asks for beside the stream, again and again until it has it: the festival, the last festival's curve, this
// one's history. The number never waits for any of it.
import { getFestival, getReference, getSeries } from "../shared/api";
import { Zone } from "../shared/zone";
import type { Engine } from "./engine";
import { clock, currentWindow, festival, newest, reference, settled, zone } from "./store";

const RETRY_MS = 3000;
/** Second buckets for the first two hours, minute buckets after: what the plot can resolve. */
const SECONDS_UP_TO = 7200;

const sleep = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

export async function loadFestival(engine: Engine): Promise<void> {
  for (;;) {
    const answer = await getFestival();
    if (answer.ok) {
      if (answer.date !== null) engine.clock.hint(answer.date, performance.now());
      zone.value = new Zone(answer.data.timezone);
      festival.value = answer.data;
      document.title = `${answer.data.name.zh} ${answer.data.name.en}`;
      break;
    }
    await sleep(RETRY_MS);
  }
  await loadReference();
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
