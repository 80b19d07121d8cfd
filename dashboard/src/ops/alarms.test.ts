import { describe, expect, it } from "vitest";
import { frame } from "../shared/testing";
import type { Ops, Partition } from "../shared/types";
import { type Alarm, alarmsOf, boundsOf, commandsIn, type Known, partsOf } from "./alarms";
import { amount, seconds } from "./amount";
import { type Counts, paces } from "./pace";

const NOW = Date.parse("2026-11-11T14:31:40+08:00");

const partition = (n: number, change: Partial<Partition> = {}): Partition => ({
  partition: n, next: 1000, high_watermark: 1100, stable_end: 1100, lag: 100, lag_s: 0, watermark: null, segment: 3, used: 10, sealed: 2, verified: 1,
  process: "a", state: "running", reason: null, fresh_ms: 400, pulse_age_ms: 300, ...change,
});

function world(change: Partial<Ops> = {}, more: Partial<Known> = {}): Known {
  const ops: Ops = {
    version: 1, now: new Date(NOW).toISOString(), ledger: "l", festival: "f", rehearsal: false, stride: 65536, reasons: [], warnings: [], partitions: [partition(0), partition(1)],
    processes: [], children: [], disk: null, verify: { frames: 0, differences: 0, to: null, different_at: null, detail: "" }, frames: { seq: 1, stored: null, publishing: true, instance: null, by: null, topic_lag: null }, frozen: null,
    holds: [], signoffs: [], duplicates: { total: 0, per_s: null, line: [] }, ...change,
  };
  return { ops, frame: frame(1, 1), truth: null, rates: new Map(), rejects: null, now: NOW, silent: false, ...more };
}

const said = (known: Known, since = new Map<string, number>()): string[] => alarmsOf(known, since).map((a: Alarm) => `${a.severity} ${a.id} ${a.n}`);
const process = (name: string, bounds: Ops["processes"][0]["bounds"], at = NOW) => ({ process: name, at: new Date(at).toISOString(), started: "", role: "ingest" as const, partitions: [0], stopped: false, retries: 0, timings: [], bounds });

describe("alarms", () => {
  it("has none while all is well, and none before anything is known", () => {
    expect(said(world())).toEqual([]);
    expect(said({ ...world(), ops: null })).toEqual([]);
  });
  it("puts what stops before what warns, and the oldest first", () => {
    const known = world({ partitions: [partition(0, { fresh_ms: 7900 }), partition(1, { state: "stopped", fresh_ms: 60_000 }), partition(2, { state: "unassigned", lag: null, lag_s: null, fresh_ms: null, pulse_age_ms: 157_300 }), partition(3, { state: "stopped", fresh_ms: null })], reasons: ["frames: the store is down", "partition 2: x"] });
    expect(said(known)).toEqual(["stop unassigned.2 157", "stop stopped.1 60", "stop frames.frames 0", "stop stopped.3 0", "warn lag.0 7"]);
    expect(said(world({ partitions: [partition(0, { fresh_ms: 4999 })] }))).toEqual([]);
  });
  it("remembers since when", () => {
    const since = new Map<string, number>();
    said(world({ reasons: ["frames: x"] }), since);
    expect(alarmsOf({ ...world({ reasons: ["frames: x"] }), now: NOW + 9000 }, since)[0]?.since).toBe(NOW);
    expect(alarmsOf(world({ partitions: [partition(3, { state: "stopped", fresh_ms: 5000 })] }), since)[0]?.since).toBe(NOW - 5000);
  });
  it("begins with the page's clock, not in 1970", () => {
    const since = new Map<string, number>();
    said({ ...world({ reasons: ["frames: x"] }), now: 0 }, since);
    expect(alarmsOf(world({ reasons: ["frames: x"] }), since)[0]?.since).toBe(NOW);
    const differs = { frames: 9, differences: 1, to: null, different_at: null, detail: "" };
    alarmsOf(world({ verify: differs }), since);
    expect(alarmsOf({ ...world({ verify: differs }), now: NOW + 9000 }, since)[0]?.since).toBe(NOW);
  });
  it("warns at 80 % of a bound, stops at it, of the process that is nearest", () => {
    const bound = (used: number) => [{ name: "fingerprints", unit: "events", used, limit: 1000 }];
    expect(said(world({ processes: [process("a", bound(10)), process("b", bound(800))] }))).toEqual(["warn filling.fingerprints 80"]);
    expect(said(world({ processes: [process("a", bound(1000)), process("b", bound(800))] }))).toEqual(["stop full.fingerprints 100"]);
    expect(said(world({ processes: [process("a", bound(799))] }))).toEqual([]);
    expect(boundsOf(world({ processes: [process("a", bound(10)), process("b", bound(20))] }).ops as Ops)[0]?.used).toBe(20);
  });
  it("judges the disk by the bytes that its guard keeps free", () => {
    const gib = 2 ** 30;
    const disk = (free: number, keep = 2 * gib) => world({ disk: { used: 260 * gib - free, limit: 260 * gib, free, keep, guarded: true } });
    expect(said(disk(50 * gib))).toEqual([]); // 81 % full
    expect(said(disk(4 * gib))).toEqual([]);
    expect(said(disk(4 * gib - 1))).toEqual([`warn filling.disk ${4 * gib - 1}`]);
    expect(alarmsOf(disk(2 * gib), new Map())[0]).toMatchObject({ severity: "warn", m: 2 * gib });
    expect(said(disk(2 * gib - 1))).toEqual([`stop full.disk ${2 * gib - 1}`]);
    expect(said(disk(0, 0))).toEqual([]); // no guard
  });
  it("says nothing of a process that was asked to stop", () => {
    const left = { ...process("a", [], NOW - 60_000), stopped: true };
    expect(said(world({ processes: [left] }))).toEqual([]);
    expect(said(world({ processes: [{ ...left, stopped: false }] }))).toEqual(["warn quiet.a 60"]);
  });
  it("tells of differences, restarts, silent processes and a silent server", () => {
    const verify = { frames: 5, differences: 1, to: null, different_at: new Date(NOW - 3000).toISOString(), detail: "RU" };
    expect(said(world({ verify, children: [{ name: "engine", restarts: 2 }, { name: "broker", restarts: 0 }], processes: [process("a", [], NOW - 21_000)] }, { silent: true })))
      .toEqual(["stop differs.verify 0", "warn quiet.a 21", "warn answer.ops 0", "warn restarts.engine 2"]);
  });
  it("tells of a restart for ten minutes", () => {
    const since = new Map<string, number>();
    const known = world({ children: [{ name: "engine", restarts: 1 }] });
    expect(said(known, since)).toEqual(["warn restarts.engine 1"]);
    expect(said({ ...known, now: NOW + 599_000 }, since)).toEqual(["warn restarts.engine 1"]);
    expect(said({ ...known, now: NOW + 600_000 }, since)).toEqual([]);
    expect(said({ ...world({ children: [{ name: "engine", restarts: 2 }] }), now: NOW + 700_000 }, since)).toEqual(["warn restarts.engine 2"]);
  });
  it("names a reject reason that comes at four times its usual share", () => {
    const rejects = { reasons: { "bad:amount": 100, not_json: 100 }, newest: [] };
    const one = frame(1, 1, { positions: { "0": 100_000 }, rate: { orders_per_s: 1000, gmv_fen_per_s: 1, created_per_s: 1000 } }); // usual: 0.1 % of 2,000 a second
    const rates = new Map([["bad:amount", { perS: 9 }], ["not_json", { perS: 7 }]]);
    expect(said(world({}, { frame: one, rejects, rates }))).toEqual(["warn rejects.bad:amount 4"]);
  });
  it("splits a reason and finds its commands", () => {
    const reason = "offset lost to retention: the log begins at 350, 50 after 300: sign off `festival ledger accept-gap --partition 1 --from 300 --to 350`; raise retention";
    expect(partsOf(reason)).toEqual({ kind: "offset lost to retention", text: "the log begins at 350, 50 after 300" });
    expect(commandsIn(reason)).toEqual({ gap: "festival ledger accept-gap --partition 1 --from 300 --to 350", recount: null });
    expect(partsOf("recovering")).toEqual({ kind: "", text: "recovering" });
  });
});

describe("numbers of operations", () => {
  it("are rounded down, and say what they show", () => {
    expect(amount(1_839_999_999, "events", "en")).toEqual({ text: "1.83 bn", value: 1_830_000_000 });
    expect(amount(1_839_999_999, "events", "zh")).toEqual({ text: "18.39 亿", value: 1_839_000_000 });
    expect(amount(2_999_999_999_999, "bytes", "zh")).toEqual({ text: "2.9 TB", value: 2_900_000_000_000 });
    expect(amount(200_000, "records", "en")).toEqual({ text: "200,000", value: 200_000 });
    expect(seconds(7999)).toEqual({ text: "7.9", value: 7900 });
    expect(seconds(157_900)).toEqual({ text: "157", value: 157_000 });
  });
  it("rejects a second are of the last minute", () => {
    const history: Counts[] = [];
    const at = (s: number, n: number) => paces(history, { at: s * 1000, counts: { x: n } }).get("x")?.perS;
    expect(at(0, 1000)).toBeNull();
    expect(at(9, 1090)).toBeNull();
    expect(at(10, 1100)).toBe(10);
    for (let s = 13; s <= 130; s += 3) expect(at(s, 1000 + s * 10)).toBe(10);
    expect(at(133, 1000 + 1330 + 6000)).toBeGreaterThan(90);
    expect(history.length).toBeLessThan(25);
  });
});
