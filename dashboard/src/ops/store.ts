// What operations ask for beside the stream: all of /api/v1/ops each second, rejects every three. What fails keeps what was
// there, and says so.
import { computed, signal } from "@preact/signals";
import { getOps, getRejects } from "../shared/api";
import { clock, newest, truth } from "../shared/session";
import type { Ops, Rejects } from "../shared/types";
import { type Alarm, alarmsOf } from "./alarms";
import { type Counts, type Pace, paces } from "./pace";

const OPS_MS = 1000;
const REJECTS_MS = 3000;

export const ops = signal<Ops | null>(null);
export const rejects = signal<Rejects | null>(null);
/** The last request had no answer; what is shown is older. */
export const silent = signal(false);
/** 403 and 404 alike: operators only, from this machine or with their token. 401: the token is another one. */
export const refused = signal(false);
export const wrongToken = signal(false);
/** Rejects a second by reason, of the last minute. */
export const rates = signal<Map<string, Pace>>(new Map());
/** Alarms that somebody has taken up: dimmed, never hidden. */
export const acknowledged = signal<ReadonlySet<string>>(new Set());
/** When each alarm was first seen, and when the last one went, server time in Unix ms. */
const since = new Map<string, number>();
export const lastAlarm = signal<number | null>(null);

const history: Counts[] = [];

export const alarms = computed<Alarm[]>(() => alarmsOf({ ops: ops.value, frame: newest.value, truth: truth.value, rates: rates.value, rejects: rejects.value, now: clock.value, silent: silent.value }, since));

export function startOps(): void {
  every(OPS_MS, async () => {
    const answer = await getOps();
    refused.value = !answer.ok && [401, 403, 404].includes(answer.status);
    wrongToken.value = !answer.ok && answer.status === 401;
    silent.value = !answer.ok;
    if (answer.ok) ops.value = answer.data;
    settle();
  });
  every(REJECTS_MS, async () => {
    const answer = await getRejects();
    if (answer === null) return;
    rejects.value = answer;
    rates.value = paces(history, { at: performance.now(), counts: answer.reasons });
  });
}

/** Forgets alarms that are gone, so that they are new when they come again. */
function settle(): void {
  const here = new Set(alarms.value.map((a) => a.id));
  for (const id of since.keys()) {
    if (here.has(id) || id.startsWith("restarts.")) continue; // a restart is told once
    since.delete(id);
    lastAlarm.value = clock.value;
  }
  const kept = [...acknowledged.value].filter((id) => here.has(id));
  if (kept.length !== acknowledged.value.size) acknowledged.value = new Set(kept);
}

/** Takes up the first alarm that nobody has taken up. */
export function acknowledge(id?: string): void {
  const next = id ?? alarms.value.find((a) => !acknowledged.value.has(a.id))?.id;
  if (next !== undefined) acknowledged.value = new Set([...acknowledged.value, next]);
}

function every(ms: number, ask: () => Promise<void>): void {
  const again = (): void => void ask().finally(() => setTimeout(again, ms));
  again();
}

/** What is open over the page. */
export type Opened = { kind: "advice"; alarm: Alarm } | { kind: "sign"; command: string; alarm: Alarm } | { kind: "hold" | "samples" | "commands" | "keys" };

export const opened = signal<Opened | null>(null);

/** `W`: troubled partitions first; else by number. */
export const worstFirst = signal(false);
