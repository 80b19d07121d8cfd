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

/** One row of GET /api/v1/partitions; `lag_s` and `fresh_ms` are ages, `next` is the next offset to read. Null: not known yet. */
export interface Partition {
  partition: number;
  next: number;
  high_watermark: number | null;
  stable_end: number | null;
  lag: number | null;
  lag_s: number | null;
  watermark: string | null;
  segment: number;
  sealed: number | null;
  state: "running" | "stopped" | "unassigned";
  reason: string | null;
  fresh_ms: number | null;
}

export interface Partitions {
  partitions: Partition[];
  duplicates: number;
  miskeyed: number;
  ledger: string;
  rehearsal: boolean;
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
