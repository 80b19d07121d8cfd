// What the server answers (CONTRACT.md §4). Money is integer fen below 2^53, shares are strings with four decimals
// rounded down, times are RFC 3339 in the festival's zone.

/** Sums over the whole log up to `positions`. `after_close*` count what came after the books were closed. */
export interface Total {
  gmv_fen: number;
  gmv_usd_cents: number | null;
  orders: number;
  created: number;
  refunds: number;
  refund_fen: number;
  net_fen: number;
  duplicates: number;
  rejected: number;
  outside: number;
  miskeyed: number;
  after_close: number;
  after_close_fen: number;
}

export interface Mobile {
  gmv_fen: number;
  orders: number;
  share_gmv: string | null;
  share_orders: string | null;
}

export interface KeyedSum {
  key: string;
  gmv_fen: number;
  orders: number;
}

export interface CountrySum extends KeyedSum {
  mobile_gmv_fen: number;
  mobile_orders: number;
}

/** Newest complete event second; null before the first one. */
export interface Rate {
  orders_per_s: number | null;
  gmv_fen_per_s: number | null;
  created_per_s: number | null;
}

export interface Incomplete {
  partition: number;
  reason: string;
}

export interface WindowSum {
  id: string;
  total: Total;
  mobile: Mobile;
}

/** One consistent cut of everything a screen shows at one refresh. */
export interface Frame {
  seq: number;
  second: string;
  official: boolean;
  ledger: string;
  rehearsal: boolean;
  phase: "before" | "open" | "between" | "closed";
  window: string | null;
  certainty: "provisional" | "verified" | "final";
  verified_to: string | null;
  complete: boolean;
  incomplete: Incomplete[];
  frozen: { second: string; reason: string; since: string } | null;
  correction: { of: string | number; reason: string } | null;
  total: Total;
  rate: Rate | null;
  mobile: Mobile;
  devices: KeyedSum[];
  countries: CountrySum[];
  provinces: KeyedSum[];
  flows: KeyedSum[];
  windows: WindowSum[];
  positions: Record<string, number>;
  watermark: string | null;
  fresh_ms: number;
  prev: string | null;
  hash: string | null;
}

export interface FestivalWindow {
  id: string;
  start: string;
  end: string;
}

/** GET /api/v1/festival */
export interface Festival {
  id: string;
  name: { zh: string; en: string };
  timezone: string;
  windows: FestivalWindow[];
  milestones_cny: number[];
  reference: boolean;
  rehearsal: boolean;
  locales: string[];
  /** The server's clock when it answered. */
  now?: string;
}

/** One bucket of GET /api/v1/series; `t` is the bucket's first Unix second. */
export interface SeriesPoint {
  t: number;
  gmv_fen: number;
  orders: number;
}

/** `n` seconds since the window's start, cumulative GMV of the last festival through that second. */
export interface ReferencePoint {
  n: number;
  gmv_fen: number;
}

export interface Milestone {
  window?: string;
  threshold_fen: number;
  on_air_second: string | null;
  event_second: string | null;
  since_start_s: number | null;
  certainty: string | null;
  reference_since_start_s: number | null;
}

/** The event seconds that hold most orders placed, and paid, so far; null before the first. */
export interface WindowPeak {
  window: string;
  created_per_s: number | null;
  created_second: string | null;
  orders_per_s: number | null;
  orders_second: string | null;
}

export interface BreakdownRow {
  key: string;
  gmv_fen: number;
  orders: number;
  mobile_gmv_fen?: number;
  mobile_orders?: number;
  share_gmv?: string | null;
}

export interface MerchantTotal {
  gmv_fen: number;
  orders: number;
  mobile_gmv_fen: number;
  mobile_orders: number;
  created: number;
  refunds: number;
  refund_fen: number;
}

/**
 * One partition as operators see it; `fresh_ms` is the age of its data, `next` the next offset to read, `used` the offsets of the
 * open segment that are read, `sealed` and `verified` the newest such segment. Null: not known yet.
 */
export interface Partition {
  partition: number;
  next: number;
  high_watermark: number | null;
  stable_end: number | null;
  lag: number | null;
  lag_s: number | null;
  watermark: string | null;
  segment: number;
  used: number;
  sealed: number | null;
  verified: number | null;
  process: string | null;
  state: "running" | "stopped" | "unassigned";
  reason: string | null;
  fresh_ms: number | null;
  pulse_age_ms: number | null;
}

/** The last ten minutes, ms; `line_ms` is one value each ten seconds, oldest first. */
export interface Timing {
  name: string;
  n: number;
  p50_ms: number | null;
  p99_ms: number | null;
  line_ms: (number | null)[];
}

export interface Bound {
  name: string;
  unit: string;
  used: number;
  limit: number;
}

export interface Process {
  process: string;
  at: string;
  started: string;
  role: "ingest" | "serve";
  partitions: number[];
  /** It was asked to stop, and this is its last word. */
  stopped: boolean;
  retries: number;
  timings: Timing[];
  bounds: Bound[];
}

/** The store's disk, bytes. */
export interface Disk {
  used: number;
  limit: number;
  free: number;
  /** Less than so much free: flushes are refused; 0: never. */
  keep: number;
  /** The process that owns the disk says so; else it is the serve's own setting. */
  guarded: boolean;
}

export interface Hold {
  at: string;
  held: boolean;
  by: string;
  reason: string;
}

/** An accepted gap, or raw rows that stand for the log, offsets [first, end). */
export interface Signoff {
  at: string;
  kind: "gap" | "recount";
  partition: number;
  first: number;
  end: number;
  by: string;
  reason: string;
}

/** GET /api/v1/ops, version 1; lists of records are newest first. */
export interface Ops {
  version: number;
  now: string;
  ledger: string;
  festival: string;
  rehearsal: boolean;
  stride: number;
  reasons: string[];
  warnings: string[];
  partitions: Partition[];
  processes: Process[];
  children: { name: string; restarts: number }[];
  disk: Disk | null;
  verify: { frames: number; differences: number; to: string | null; different_at: string | null; detail: string };
  /** Without a frames topic instance, by and topic_lag are null. */
  frames: { seq: number; stored: string | null; publishing: boolean; instance: string | null; by: string | null; topic_lag: number | null };
  frozen: { second: string; reason: string; since: string } | null;
  holds: Hold[];
  signoffs: Signoff[];
  duplicates: { total: number; per_s: number | null; line: (number | null)[] };
}

/** One kept sample of a rejected record; only `reason` is sure. */
export interface RejectSample {
  reason: string;
  partition?: number;
  offset?: number;
  kafka_time?: string | null;
  length?: number;
  sample?: string;
}

export interface Rejects {
  reasons: Record<string, number>;
  newest: RejectSample[];
}
