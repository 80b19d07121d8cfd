// What desk, merchant and operations share: one stream, one clock, one judged figure that snaps once a second.
import { batch, signal } from "@preact/signals";
import { getFestival, getFrameAt } from "./api";
import { ServerClock } from "./clock";
import { Feed } from "./feed";
import { Player } from "./player";
import { judgeTruth, type Truth } from "./truth";
import type { Festival, Frame } from "./types";
import { walls } from "./walls";
import { Zone, zone } from "./zone";

export { zone };

export const festival = signal<Festival | null>(null);
/** The frame whose figures are shown. */
export const shown = signal<Frame | null>(null);
/** The newest frame that passed the gate; differs from `shown` while frozen. */
export const newest = signal<Frame | null>(null);
export const truth = signal<Truth | null>(null);
/** Server time in Unix ms, whole seconds; 0 before anything is known. */
export const clock = signal(0);
/** Attempts to reconnect since the link was lost. */
export const attempts = signal(0);

const FESTIVAL_RETRY_MS = 3000;
const TICK_MS = 250;
const RELOAD_AFTER = 3;

const serverClock = new ServerClock(Date.now() - performance.now());
const player = new Player();
let frozenAsked = "";
let otherLedger = 0;

const feed = new Feed({ url: "/api/v1/stream?live=0", now: () => performance.now(), onFrame: receive, onBeat: (server, local) => serverClock.sample(server, local), onWalls: (said) => { walls.value = said; } });

/** Opens the stream and keeps the signals current for as long as the page lives. */
export function startSession(): void {
  feed.connect();
  setInterval(tick, TICK_MS);
  void loadFestival();
}

/** The button beside a lost link. */
export const retryNow = (): void => feed.connect();

function receive(frame: Frame, local: number): void {
  serverClock.sample(Date.parse(frame.second), local);
  const verdict = player.offer(frame, local, true);
  if (verdict === "ledger" && ++otherLedger >= RELOAD_AFTER && local > 10_000) location.reload();
  if (verdict !== "play") return;
  if (frame.frozen !== null) void rest(frame.frozen.second);
  publish(local);
}

async function rest(second: string): Promise<void> {
  if (frozenAsked === second) return;
  frozenAsked = second;
  const answer = await getFrameAt(second);
  if (answer.ok) player.rest(answer.data, performance.now());
  else frozenAsked = "";
  publish(performance.now());
}

function publish(local: number): void {
  player.advance(local);
  batch(() => {
    newest.value = player.newest;
    shown.value = player.settled;
    judge(local); // with the frame, or a first frame would be shown for a moment with the state of no frame
  });
}

function judge(local: number): void {
  truth.value = judgeTruth(player.newest, feed.link, local, serverClock.now(local));
}

function tick(): void {
  feed.tick();
  const local = performance.now();
  judge(local);
  attempts.value = feed.link.attempts;
  clock.value = Math.floor(serverClock.now(local) / 1000) * 1000;
}

async function loadFestival(): Promise<void> {
  for (;;) {
    const answer = await getFestival();
    if (answer.ok) {
      serverClock.hint(Date.parse(answer.data.now ?? "") || (answer.date ?? NaN), performance.now());
      zone.value = new Zone(answer.data.timezone);
      festival.value = answer.data;
      return;
    }
    await new Promise((done) => setTimeout(done, FESTIVAL_RETRY_MS));
  }
}
