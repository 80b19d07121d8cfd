// Helpers of unit tests: a frame of the contract's shape and seeded random numbers, so that a failure can be repeated.
import type { Frame, Total } from "./types";

export function total(gmvFen: number): Total {
  return {
    gmv_fen: gmvFen, gmv_usd_cents: null, orders: 0, created: 0, refunds: 0, refund_fen: 0, net_fen: gmvFen,
    duplicates: 0, rejected: 0, outside: 0, miskeyed: 0, after_close: 0, after_close_fen: 0,
  };
}

export const START_MS = Date.parse("2026-11-11T00:00:00+08:00");

/** An official, complete frame of second `seq` after the start, with one position that follows `seq`. */
export function frame(seq: number, gmvFen: number, change: Partial<Frame> = {}): Frame {
  return {
    seq, second: new Date(START_MS + seq * 1000).toISOString(), official: true, ledger: "l1", rehearsal: false, phase: "open", window: "day",
    certainty: "provisional", verified_to: null, complete: true, incomplete: [], frozen: null, correction: null, total: total(gmvFen),
    rate: null, mobile: { gmv_fen: 0, orders: 0, share_gmv: null, share_orders: null }, devices: [], countries: [], provinces: [], flows: [],
    windows: [], positions: { "0": seq * 10, "1": seq * 10 }, watermark: null, fresh_ms: 0, prev: null, hash: "h", ...change,
  };
}

/** mulberry32: the same seed gives the same numbers in [0, 1). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
