// What needs a person, worst first. Pure: everything known goes in, a list comes out; `since` remembers when each was first seen.
import { floorDiv } from "../shared/format";
import type { Truth } from "../shared/truth";
import type { Bound, Disk, Frame, Ops, Partition, Rejects } from "../shared/types";
import type { Pace } from "./pace";

/** Which passage of docs/operations.md an alarm belongs to, and which words it has. */
export type Kind = "stopped" | "unassigned" | "lag" | "differs" | "frames" | "full" | "filling" | "rejects" | "restarts" | "quiet" | "answer";

export interface Alarm {
  id: string;
  kind: Kind;
  severity: "stop" | "warn";
  /** Partition, process, bound, child or reject reason that it is about. */
  of: string;
  partition: number | null;
  /** The program's own sentence, "" where the kind's words say all. */
  reason: string;
  /** A number of the title, in the unit of its words: seconds, percent, times; bytes that are free of a disk. */
  n: number;
  /** The number that `n` is held against, where the title names it. */
  m: number;
  /** Server time, Unix ms. */
  since: number;
}

export interface Known {
  ops: Ops | null;
  frame: Frame | null;
  truth: Truth | null;
  rates: Map<string, Pace>;
  rejects: Rejects | null;
  now: number;
  silent: boolean;
}

/** Seconds behind from which a partition lags: where its figures count as stale. */
export const LAGGING_MS = 5000;
/** Marks of a bound, percent. */
export const MARK = 80;
/** Rejects of one reason a second from which, with this many times the usual, an operator is told. */
const REJECTS_PER_S = 5;
const REJECTS_TIMES = 4;
/** A process that has not reported for this long, but did in the last ten minutes. */
export const QUIET_MS = 20_000;

export const RESTART_MS = 600_000;

const LEVEL: Record<"stop" | "warn", number> = { stop: 0, warn: 1 };

/** The alarms of this moment, worst first, oldest first among equals. */
export function alarmsOf(known: Known, since: Map<string, number>): Alarm[] {
  const found: Alarm[] = [];
  const add = (kind: Kind, severity: "stop" | "warn", of: string, more: Partial<Alarm> = {}): void => {
    const id = `${kind}.${of}`;
    const began = more.since ?? since.get(id) ?? known.now;
    if (known.now > 0) since.set(id, began); // before the page's clock is set nothing has begun
    found.push({ id, kind, severity, of, partition: null, reason: "", n: 0, m: 0, ...more, since: began });
  };
  const { ops } = known;
  if (ops === null) return [];
  if (known.silent) add("answer", "warn", "ops");
  for (const p of ops.partitions) partition(p, known.now, add);
  if (ops.verify.differences > 0) {
    const at = Date.parse(ops.verify.different_at ?? "");
    add("differs", "stop", "verify", { reason: ops.verify.detail, ...(Number.isFinite(at) ? { since: at } : {}) });
  }
  for (const reason of ops.reasons.filter((r) => r.startsWith("frames: "))) add("frames", "stop", "frames", { reason: reason.slice(8) });
  for (const b of boundsOf(ops)) if (b.name !== "disk") bound(b, add);
  if (ops.disk !== null) disk(ops.disk, add);
  for (const p of ops.processes) {
    const age = Date.parse(ops.now) - Date.parse(p.at);
    if (age > QUIET_MS && p.partitions.length > 0 && !p.stopped) add("quiet", "warn", p.process, { n: floorDiv(age, 1000), since: Date.parse(p.at) });
  }
  for (const c of ops.children) restarted(c, known.now, since, add);
  rejected(known, add);
  return found.sort((a, b) => LEVEL[a.severity] - LEVEL[b.severity] || a.since - b.since || (a.id < b.id ? -1 : 1));
}

type Add = (kind: Kind, severity: "stop" | "warn", of: string, more?: Partial<Alarm>) => void;

/** Whether a partition needs somebody, and how. */
export function careOf(p: Partition): "stop" | "warn" | null {
  if (p.state !== "running") return "stop";
  return (p.fresh_ms ?? 0) >= LAGGING_MS ? "warn" : null;
}

/** How old a partition's news are, ms: its lag, or where nobody knows that the time since it was heard of; 0: not known either. */
export function ageOf(p: Partition): number {
  return p.fresh_ms ?? (p.state === "unassigned" ? p.pulse_age_ms ?? 0 : 0);
}

function partition(p: Partition, now: number, add: Add): void {
  const behind = ageOf(p);
  const more = { partition: p.partition, reason: p.reason ?? "", n: floorDiv(behind, 1000), ...(behind > 0 && now > 0 ? { since: now - behind } : {}) };
  if (p.state === "stopped") add("stopped", "stop", String(p.partition), more);
  else if (p.state === "unassigned") add("unassigned", "stop", String(p.partition), more);
  else if (behind >= LAGGING_MS) add("lag", "warn", String(p.partition), more);
}

/** A restart is told for ten minutes after this page first saw it; then it is history, and counted under the flush times. */
function restarted(c: Ops["children"][0], now: number, since: Map<string, number>, add: Add): void {
  if (c.restarts === 0) return;
  const key = `restarts.${c.name}.${c.restarts}`;
  const first = since.get(key) ?? now;
  if (now > 0) since.set(key, first);
  if (now - first < RESTART_MS) add("restarts", "warn", c.name, { n: c.restarts, since: first });
}

function bound(b: Bound, add: Add): void {
  const percent = b.limit > 0 ? floorDiv(b.used * 100, b.limit) : 0;
  if (percent >= 100) add("full", "stop", b.name, { n: percent });
  else if (percent >= MARK) add("filling", "warn", b.name, { n: percent });
}

/** How a disk stands to its guard's bound, as the alert FestivalDiskLow judges it: a share of a large disk says nothing. */
export function diskCare({ free, keep }: Disk): "stop" | "warn" | null {
  if (keep <= 0) return null;
  return free < keep ? "stop" : free < 2 * keep ? "warn" : null;
}

function disk(d: Disk, add: Add): void {
  const care = diskCare(d);
  if (care !== null) add(care === "stop" ? "full" : "filling", care, "disk", { n: d.free, m: d.keep });
}

/** The bounds to show: of each name the process that is nearest to its limit, and the store's disk. */
export function boundsOf(ops: Ops): Bound[] {
  const worst = new Map<string, Bound>();
  for (const b of ops.processes.flatMap((p) => p.bounds)) {
    const old = worst.get(b.name);
    if (old === undefined || b.used * old.limit > old.used * b.limit) worst.set(b.name, b);
  }
  if (ops.disk !== null) worst.set("disk", { name: "disk", unit: "bytes", used: ops.disk.used, limit: ops.disk.limit });
  return [...worst.values()];
}

/** A reason that comes far faster than it did over the whole festival. */
function rejected({ rates, rejects, frame }: Known, add: Add): void {
  if (rejects === null) return;
  const all = Object.values(frame?.positions ?? {}).reduce((n, p) => n + p, 0);
  const pace = (frame?.rate?.created_per_s ?? 0) + (frame?.rate?.orders_per_s ?? 0);
  for (const [reason, n] of Object.entries(rejects.reasons)) {
    const perS = rates.get(reason)?.perS ?? 0;
    const usual = all > 0 ? (n / all) * pace : 0; // its share of all records, at the present pace of records
    if (perS >= REJECTS_PER_S && usual > 0 && perS >= REJECTS_TIMES * usual) add("rejects", "warn", reason, { n: Math.floor(perS / usual) });
  }
}

/** A reason in its two parts: what kind of trouble, and the rest without the commands, which have buttons of their own. */
export function partsOf(reason: string): { kind: string; text: string } {
  const tick = reason.indexOf("`");
  const end = tick < 0 ? reason.length : Math.max(reason.lastIndexOf(":", tick), reason.lastIndexOf(";", tick), reason.lastIndexOf(". ", tick));
  const plain = (end < 0 ? reason.slice(0, Math.max(0, tick)) : reason.slice(0, end)).trim();
  const colon = plain.indexOf(": ");
  return colon < 0 ? { kind: "", text: plain } : { kind: plain.slice(0, colon), text: plain.slice(colon + 2) };
}

/** The commands that a reason names between backticks: the program knows the offsets, so nobody has to copy them. */
export function commandsIn(reason: string): { gap: string | null; recount: string | null } {
  const all = [...reason.matchAll(/`(festival [^`]+)`/g)].map((m) => m[1] ?? "");
  return { gap: all.find((c) => c.includes("accept-gap")) ?? null, recount: all.find((c) => c.includes("ledger recount")) ?? null };
}
