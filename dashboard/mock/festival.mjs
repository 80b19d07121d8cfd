// A synthetic festival as a pure function of time: the same second gives the same figures, in every run. Sums agree as
// the contract demands (total = countries = devices), and nothing ever falls.

export const START = Date.parse("2026-11-11T00:00:00+08:00");
export const END = Date.parse("2026-11-12T00:00:00+08:00");
const FULL_FEN = 26_840_000_000_000; // 2,684 亿 yuan over the day
const LAST_FEN = 21_350_000_000_000;
const AVERAGE_FEN = 21_000;
const FIRST_RATE_S = 4; // before it frames tell no rate
const RUSH_S = 600;

const COUNTRIES = [
  ["RU", 170], ["US", 118], ["ES", 102], ["BR", 85], ["FR", 70], ["PL", 56], ["KR", 52], ["IT", 45], ["AU", 38], ["SA", 30],
  ["TR", 28], ["MX", 26], ["HK", 25], ["JP", 23], ["GB", 22], ["DE", 20], ["TH", 16], ["UA", 14], ["CA", 12], ["NL", 10],
  ["SG", 10], ["MY", 9], ["TW", 9], ["VN", 7], ["KZ", 6], ["AE", 6], ["CL", 5], ["ID", 5], ["IN", 5], ["PH", 4], ["NZ", 4],
  ["ZA", 3], ["EG", 2], ["NG", 2], ["KE", 1], ["PE", 2], ["CO", 2], ["AR", 2], ["unknown", 1],
];
const DEVICES = [["app", 742], ["mini_program", 88], ["mobile_web", 53], ["desktop", 98], ["store_terminal", 15], ["unknown", 4]];
const PROVINCES = ["440000", "330000", "320000", "310000", "110000", "370000", "510000", "410000", "420000", "350000", "430000", "340000",
  "130000", "610000", "500000", "210000", "360000", "120000", "530000", "450000", "140000", "230000", "520000", "220000", "150000", "650000",
  "460000", "620000", "640000", "630000", "540000", "810000", "710000", "820000"];
const SELLERS = [["IT", 9], ["FR", 12], ["US", 26], ["JP", 34], ["KR", 30], ["AU", 22], ["DE", 14], ["GB", 8], ["NZ", 7], ["ES", 4], ["TH", 6], ["CA", 5]];
export const CATEGORIES = ["electronics", "apparel", "beauty", "home", "food", "baby", "automobiles", "apartments", "services"];

/** Share of the day's GMV done after `s` seconds: a rush at midnight, a quiet night, an evening. */
function progress(s) {
  const x = Math.min(1, Math.max(0, s / 86400));
  const rush = 1 - Math.exp(-x * 26);
  const evening = 1 / (1 + Math.exp(-(x - 0.83) * 16));
  return 0.2 * rush + 0.62 * x + 0.18 * evening - 0.18 / (1 + Math.exp(0.83 * 16)) * (1 - x);
}
const WHOLE = progress(86400);
const noise = (n) => { let h = Math.imul(n ^ 0x9e3779b9, 0x85ebca6b); h ^= h >>> 13; h = Math.imul(h, 0xc2b2ae35); return ((h ^ (h >>> 16)) >>> 0) / 4294967296; };

/** Cumulative GMV in fen after `s` seconds (fractions allowed); never falls. */
export function gmv(s, scale = 1) {
  if (s <= 0) return 0;
  const whole = Math.floor(s);
  const wobble = 0.35 * (progress(whole + 1) - progress(whole)) * (noise(whole) * (1 - (s - whole)) + noise(whole + 1) * (s - whole));
  return Math.floor(((progress(s) + wobble) / WHOLE) * FULL_FEN * scale);
}
export const reference = (s, scale = 1) => Math.floor((progress(s * 0.94) / WHOLE) * LAST_FEN * scale * 1.02);

function split(total, weights, sum) {
  let left = total;
  const rows = weights.map(([key, w]) => { const v = Math.floor((total * w) / sum); left -= v; return [key, v]; });
  return { rows, left };
}

const sums = (rows) => rows.map(([key, fen]) => ({ key, gmv_fen: fen, orders: Math.floor(fen / AVERAGE_FEN) }));

/** The figures of a frame after `s` seconds; all parts sum to the total. */
export function figures(s, scale = 1) {
  const fen = gmv(s, scale);
  const orders = Math.floor(fen / AVERAGE_FEN);
  const drift = COUNTRIES.map(([k, w], i) => [k, w * (1 + 0.18 * Math.sin(s / 5400 + i * 1.7))]);
  const abroad = split(fen, drift, 9200);
  const countries = [["CN", abroad.left], ...abroad.rows];
  const device = split(fen, DEVICES, 1000);
  device.rows[0][1] += device.left;
  const fix = (rows) => { const list = sums(rows); list[0].orders += orders - list.reduce((n, r) => n + r.orders, 0); return list; };
  const devices = fix(device.rows);
  const mobile = devices.slice(0, 3);
  const mobileFen = mobile.reduce((n, r) => n + r.gmv_fen, 0), mobileOrders = mobile.reduce((n, r) => n + r.orders, 0);
  const home = fix(countries);
  const flows = [...COUNTRIES.filter(([k]) => k !== "unknown").map(([k, w]) => [`CN>${k}`, Math.floor((fen * w) / 10400)]),
    ...SELLERS.map(([k, w]) => [`${k}>CN`, Math.floor((fen * w) / 9000)])].sort((a, b) => b[1] - a[1]);
  const inland = home[0].gmv_fen;
  const weights = PROVINCES.map((k, i) => [k, 100 / (i + 3)]);
  const province = split(inland, weights, weights.reduce((n, [, w]) => n + w, 0));
  return {
    fen, orders, mobileFen, mobileOrders,
    devices,
    countries: home.map((r) => ({ ...r, mobile_gmv_fen: Math.floor(r.gmv_fen * 0.885), mobile_orders: Math.floor(r.orders * 0.89) })).sort((a, b) => b.gmv_fen - a.gmv_fen),
    flows: sums([["CN>CN", Math.floor(fen * 0.85)], ...flows]).slice(0, 60),
    provinces: sums(province.rows),
  };
}

const ordersAt = (s, scale) => Math.floor(gmv(s, scale) / AVERAGE_FEN);
const createdOf = (orders, s) => Math.floor(orders * 1.12 + 31 * noise(Math.floor(s)));

/** The largest seconds of the day up to `now`: orders placed and orders paid, as frames tell them. None later is larger than those of the rush. */
export function peaks(now, scale = 1) {
  const last = Math.min(Math.floor((now - START) / 1000), RUSH_S);
  const top = { created_per_s: null, created_second: null, orders_per_s: null, orders_second: null };
  const raise = (name, second, n, s) => { if (top[name] === null || n > top[name]) { top[name] = n; top[second] = zoned(START + (s - 1) * 1000); } };
  for (let s = FIRST_RATE_S, before = ordersAt(s - 1, scale); s <= last; s++) {
    const orders = ordersAt(s, scale);
    raise("created_per_s", "created_second", createdOf(orders - before, s), s);
    raise("orders_per_s", "orders_second", orders - before, s);
    before = orders;
  }
  return [{ window: "day", ...top }];
}

const four = (a, b) => (b > 0 ? (Math.floor((a * 10000) / b) / 10000).toFixed(4) : null);
export const zoned = (ms) => new Date(ms + 8 * 3600e3).toISOString().slice(0, 19) + "+08:00";

/** A frame of the contract's shape at virtual time `ms`. `state` carries what the operator's switches did. */
export function frameAt(ms, state) {
  const scale = state.scale ?? 1;
  const at = Math.min(ms, END);
  const s = (at - START) / 1000;
  const f = figures(s, scale), before = figures(s - 1, scale);
  const second = Math.floor(ms / 1000) * 1000;
  const parts = 12;
  const records = Math.floor(f.orders * 2.06) + 4000;
  const closed = state.final === true;
  const total = { gmv_fen: f.fen, gmv_usd_cents: Math.floor((f.fen * 10000) / 71142), orders: f.orders, created: Math.floor(f.orders * 1.12), refunds: Math.floor(f.orders * 0.004),
    refund_fen: Math.floor(f.fen * 0.004), net_fen: f.fen - Math.floor(f.fen * 0.004), duplicates: Math.floor(records * 0.0047), rejected: Math.floor(records * 0.00047), outside: 2408, miskeyed: 0, after_close: closed ? state.after ?? 0 : 0, after_close_fen: closed ? (state.after ?? 0) * 25_013 : 0 };
  const mobile = { gmv_fen: f.mobileFen, orders: f.mobileOrders, share_gmv: four(f.mobileFen, f.fen), share_orders: four(f.mobileOrders, f.orders) };
  const perSecond = f.orders - before.orders;
  return {
    seq: Math.floor(second / 1000) - 1_790_000_000, second: zoned(second), official: ms === second, ledger: state.ledger ?? "9c2d41b7", rehearsal: state.rehearsal === true,
    phase: closed ? "closed" : s < 0 ? "before" : s >= 86400 ? "between" : "open", window: s >= 0 && s < 86400 ? "day" : null,
    certainty: closed ? "final" : state.verified ? "verified" : "provisional", verified_to: s > 30 ? zoned(second - 16000) : null,
    complete: !state.incomplete, incomplete: state.incomplete ? [{ partition: 7, reason: "log replaced" }] : [],
    frozen: state.frozen ?? null, correction: null, total,
    rate: s >= FIRST_RATE_S ? { orders_per_s: perSecond, gmv_fen_per_s: f.fen - before.fen, created_per_s: createdOf(perSecond, s) } : { orders_per_s: null, gmv_fen_per_s: null, created_per_s: null },
    mobile, devices: f.devices, countries: f.countries, provinces: f.provinces, flows: f.flows,
    windows: [{ id: "day", total, mobile }],
    positions: Object.fromEntries(Array.from({ length: parts }, (_, p) => [String(p), Math.floor(records / parts) + p * 45_000])),
    watermark: zoned(second - 2000), fresh_ms: state.fresh ?? 380, prev: "036d66a0".repeat(8), hash: ms === second ? "9c2dfb0d".repeat(8) : null,
  };
}
