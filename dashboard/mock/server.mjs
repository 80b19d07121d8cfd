// Development server: the built pages and a synthetic festival by the shapes of the contract. Not part of the program.
//   node mock/server.mjs [--port 4311] [--at 2026-11-11T14:22:14+08:00] [--rehearsal] [--scale 1]
// POST /mock {"rehearsal":true,"incomplete":true,"lagging":true,"differs":true,"full":true,"fresh":8000,"frozen":{...},"final":true,"drop":true,"refuse":true,
// "map":"file","approval":"…","silent":true,"beats":true,"stall":true,"reference":false,"jump":"RFC 3339"} switches the world; false switches back.
import { createReadStream, existsSync, readFileSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { Readable } from "node:stream";
import { parseArgs } from "node:util";
import { CATEGORIES, END, START, figures, frameAt, gmv, peaks, reference, zoned } from "./festival.mjs";
import { DAY, recordLines } from "./record.mjs";

const DIST = fileURLToPath(new URL("../dist/", import.meta.url));
const TYPES = { ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css", ".woff2": "font/woff2", ".txt": "text/plain", ".svg": "image/svg+xml", ".json": "application/json" };
const PAGES = { "/": "index.html", "/desk": "desk.html", "/merchant": "merchant.html", "/ops": "ops.html" };

/** Starts a mock on 127.0.0.1; port 0 picks a free one. Returns {url, state, set, close}. */
export async function startMock({ port = 0, at = "2026-11-11T14:22:14+08:00", ...initial } = {}) {
  const state = { reference: true, verified: false, ...initial };
  let origin = Date.parse(at) - Date.now();
  const clock = () => Date.now() + origin;
  let stalledAt = null; // virtual ms at which the source stopped; frames go on, figures do not
  const streams = new Set();

  const frame = (ms) => {
    if (stalledAt === null) return frameAt(ms, state);
    const held = frameAt(stalledAt, state), now = frameAt(ms, state);
    return { ...held, seq: now.seq, second: now.second, official: now.official, phase: now.phase, fresh_ms: ms - stalledAt };
  };
  const send = (client, f) => client.res.write(`event: frame\nid: ${f.official ? f.seq : `${f.seq}.1`}\ndata: ${JSON.stringify(f)}\n\n`);
  const beat = (client) => client.res.write(`event: beat\ndata: ${JSON.stringify({ now: new Date(clock()).toISOString() })}\n\n`);
  const beats = setInterval(() => { if (state.beats) for (const client of streams) beat(client); }, 2000); // "beats": no frames, the line lives
  const tick = setInterval(() => {
    const now = clock();
    const step = Math.floor(now / 500) * 500;
    if (step === tick.last || state.silent || state.beats) return;
    tick.last = step;
    const f = frame(step);
    for (const client of streams) if (f.official || client.live) send(client, f);
  }, 40);

  const LOOK = { scene: "", celebrate: "", motion: "", language: "", share: "", ranking: "", currency: "" };
  state.walls = { main: { ...LOOK, frozen: null, by: "", at: null } };
  const walls = () => `event: wall\ndata: ${JSON.stringify({ settings: "mock", walls: state.walls })}\n\n`;
  const changeWall = ({ wall = "main", by, change }) => {
    const { frozen, ...look } = change, old = state.walls[wall], now = zoned(Math.floor(clock() / 1000) * 1000);
    const rest = frozen === undefined ? old.frozen : frozen === "on" ? old.frozen ?? zoned(Math.floor(clock() / 1000) * 1000 + 2000) : null;
    state.walls = { ...state.walls, [wall]: { ...old, ...look, frozen: rest, by, at: now } };
    for (const client of streams) client.res.write(walls());
    return { wall, state: state.walls[wall] };
  };

  const set = (change) => {
    if (change.jump) { origin = Date.parse(change.jump) - Date.now(); delete change.jump; }
    if ("stall" in change) stalledAt = change.stall ? Math.floor(clock() / 1000) * 1000 : null;
    Object.assign(state, change);
    if (change.drop || change.refuse) for (const client of streams) client.res.destroy();
    state.drop = false;
  };

  const server = createServer((req, res) => {
    const url = new URL(req.url, "http://mock");
    res.setHeader("Date", new Date(clock()).toUTCString());
    const json = (body, status = 200) => { res.writeHead(status, { "Content-Type": status < 400 ? "application/json" : "application/problem+json" }); res.end(JSON.stringify(body)); };
    if (req.method === "POST" && url.pathname === "/mock") {
      let body = "";
      req.on("data", (chunk) => (body += chunk)).on("end", () => { set(JSON.parse(body || "{}")); json({ ok: true }); });
      return;
    }
    if (url.pathname === "/api/v1/wall" && req.method === "POST") {
      let body = "";
      req.on("data", (chunk) => (body += chunk)).on("end", () => json(changeWall(JSON.parse(body))));
      return;
    }
    if (url.pathname === "/api/v1/hold") {
      let body = "";
      req.on("data", (chunk) => (body += chunk)).on("end", () => {
        const held = req.method === "POST", since = zoned(Math.floor(clock() / 1000) * 1000), { by, reason = "" } = JSON.parse(body);
        state.holds = [{ at: since, held, by, reason }, ...(state.holds ?? [])];
        state.frozen = held ? { second: since, reason, since } : null;
        json({ held, by, reason, since });
      });
      return;
    }
    if (url.pathname.startsWith("/api/") && state.refuse) return json({ type: "about:blank", title: "starting", status: 503 }, 503);
    if (url.pathname === "/api/v1/stream") {
      res.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-cache, no-transform" });
      const client = { res, live: url.searchParams.get("live") !== "0" };
      streams.add(client);
      if (!state.silent) beat(client);
      res.on("close", () => streams.delete(client));
      if (!state.silent) send(client, frame(Math.floor(clock() / 1000) * 1000));
      if (!state.silent) res.write(walls());
      return;
    }
    if (url.pathname === "/replay/day.jsonl") { // ?at= RFC 3339 and &seconds=: a part of the day
      const from = url.searchParams.has("at") ? Date.parse(url.searchParams.get("at")) : DAY.from, seconds = Number(url.searchParams.get("seconds") ?? DAY.seconds);
      const head = { festival: routes(new URL("/api/v1/festival", url), DAY.from, frame, state), milestones: milestones(from + seconds * 1000, state.scale ?? 1) };
      res.writeHead(200, { "Content-Type": "application/x-ndjson" });
      const lines = Readable.from(recordLines(head, from, seconds, {}));
      res.on("close", () => lines.destroy());
      lines.pipe(res);
      return;
    }
    const answer = routes(url, clock(), frame, state);
    if (answer) return json(answer.body ?? answer, answer.status ?? 200);
    serveFile(url.pathname, res);
  });
  await new Promise((resolve) => server.listen(port, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`, state, set, clock,
    close: () => { clearInterval(tick); clearInterval(beats); for (const c of streams) c.res.destroy(); server.closeAllConnections(); return new Promise((r) => server.close(r)); },
  };
}

function routes(url, now, frame, state) {
  const param = (name) => url.searchParams.get(name);
  const scale = state.scale ?? 1;
  const official = Math.floor(now / 1000) * 1000;
  switch (url.pathname) {
    case "/api/v1/festival":
      return { id: "1111-2026", name: { zh: "双11全球购物狂欢节", en: "11.11 Global Shopping Festival" }, timezone: "Asia/Shanghai", windows: [{ id: "day", start: zoned(START), end: zoned(END) }],
        milestones_cny: [10_000_000_000, 50_000_000_000, 100_000_000_000, 150_000_000_000, 200_000_000_000, 250_000_000_000].map((m) => m * scale), reference: state.reference, rehearsal: state.rehearsal === true, locales: ["zh", "en"] };
    case "/api/v1/frame": {
      const at = param("at");
      if (at === null) return frame(official);
      const ms = Math.floor(Date.parse(at) / 1000) * 1000;
      if (!Number.isFinite(ms)) return { status: 400, body: { type: "about:blank", title: "bad time", status: 400, detail: "at" } };
      if (ms < START - 3600e3) return { status: 404, body: { type: "about:blank", title: "no frame", status: 404 } };
      return { ...frameAt(Math.min(ms, official), state), later: null };
    }
    case "/api/v1/series": return { points: series(param, now, scale) };
    case "/api/v1/reference":
      return { points: state.reference ? Array.from({ length: 1440 }, (_, i) => { const n = i === 1439 ? 86399 : i * 60; return { n, gmv_fen: reference(n + 1, scale) }; }) : [] };
    case "/api/v1/breakdown": return { dim: param("dim"), rows: breakdown(param("dim"), frame(official)) };
    case "/api/v1/milestones": return { milestones: milestones(now, scale) };
    case "/api/v1/peaks": return { peaks: peaks(now, scale) };
    case "/api/v1/rejects":
      return { reasons: Object.fromEntries([["missing:paid_at", 412806, state.noisy ? 380 : 38], ["bad:amount", 287114, 6], ["currency_unknown", 164902, 3], ["bad:buyer_country", 90417, 2], ["future:paid_at", 41288, 1], ["not_json", 22310, 0], ["too_large", 65, 0]].map(([reason, n, perS]) => [reason, n + perS * Math.max(0, Math.floor((now - START) / 1000) - 50_000)])),
        newest: [["missing:paid_at", 3, '{"order_id":"2611111431370882","status":"paid","created_at":"2026-11-11T14:31:36+08:00"}'], ["bad:amount", 1, '{"order_id":"2611111431360011","currency":"CNY","amount":"1,299.00"}'], ["currency_unknown", 0, '{"order_id":"2611111431310422","currency":"XBT","amount":"0.004"}']]
          .map(([reason, partition, sample], i) => ({ reason, partition, offset: 182390784 - i * 71, kafka_time: zoned(official - i * 3000), sample })) };
    case "/api/v1/wall": {
      const screens = state.screens ?? [], name = param("screen") ?? "", own = { name: "", wall: "main", panel: "all", window: "", scene: "", celebrate: "", motion: "", language: "", share: "", ranking: "", currency: "" };
      const screen = name === "" ? own : screens.find((s) => s.name === name);
      if (screen === undefined) return { status: 404, body: { type: "about:blank", title: "no screen", status: 404 } };
      return { settings: "mock", screen: { ...own, ...screen }, screens: screens.map((s) => s.name), walls: ["main"], map: state.map ?? "dots", map_approval: state.approval ?? "", currency: "CNY", broadcast_delay_ms: state.delay ?? 0, freeze_at: [], names: state.names ?? { countries: {}, merge: {} }, operator: state.operator ?? true };
    }
    case "/api/v1/wall/map": // land without a border, in place of an operator's file
      return state.map === "file" ? { body: JSON.parse(readFileSync(createRequire(import.meta.url).resolve("world-atlas/land-110m.json"), "utf8")) } : { status: 404, body: { type: "about:blank", title: "no file", status: 404 } };
    case "/api/v1/ops": return operations(frame(official), state, now);
  }
  const merchant = /^\/api\/v1\/merchant\/([^/]+)(\/series)?$/.exec(url.pathname);
  if (merchant) {
    if (merchant[1] === "nobody") return { status: 404, body: { type: "about:blank", title: "not found", status: 404 } };
    const f = figures((official - START) / 1000, scale);
    const part = (n) => Math.floor(n / 48000);
    if (merchant[2]) return { points: series(param, now, scale / 48000), positions: frame(official).positions };
    return { total: { gmv_fen: part(f.fen), orders: part(f.orders), mobile_gmv_fen: part(f.mobileFen), mobile_orders: part(f.mobileOrders), created: part(f.orders * 1.12), refunds: part(f.orders * 0.01), refund_fen: part(f.fen * 0.009) }, positions: frame(official).positions };
  }
  return null;
}

function series(param, now, scale) {
  const step = { "1s": 1, "1m": 60, "1h": 3600 }[param("step") ?? "1m"];
  const from = Math.max(START, param("from") ? Date.parse(param("from")) : START), to = Math.min(now, END, param("to") ? Date.parse(param("to")) : END);
  const points = [];
  for (let s = Math.floor((from - START) / 1000 / step) * step; START + s * 1000 < to; s += step) {
    const end = Math.min(s + step, (now - START) / 1000);
    const fen = gmv(end, scale) - gmv(s, scale);
    if (fen > 0) points.push({ t: START / 1000 + s, gmv_fen: fen, orders: Math.floor(fen / 21000), mobile_gmv_fen: Math.floor(fen * 0.883), mobile_orders: Math.floor(fen / 23500) });
  }
  return points;
}

function breakdown(dim, f) {
  const list = { country: f.countries, device: f.devices, province: f.provinces }[dim] ?? CATEGORIES.map((key, i) => ({ key, w: 1 / (i + 2) }));
  const rows = "w" in (list[0] ?? {}) ? list.map(({ key, w }) => ({ key, gmv_fen: Math.floor((f.total.gmv_fen * w) / 2), orders: Math.floor((f.total.orders * w) / 2) })) : [...list].sort((a, b) => b.gmv_fen - a.gmv_fen);
  const sum = rows.reduce((n, r) => n + r.gmv_fen, 0);
  return rows.map((r) => ({ ...r, mobile_gmv_fen: r.mobile_gmv_fen ?? Math.floor(r.gmv_fen * 0.88), mobile_orders: r.mobile_orders ?? Math.floor(r.orders * 0.88), share_gmv: (Math.floor((r.gmv_fen * 10000) / sum) / 10000).toFixed(4) }));
}

function milestones(now, scale) {
  const first = (fn, fen) => { let lo = 0, hi = 86400; if (fn(hi) < fen) return null; while (lo < hi) { const mid = (lo + hi) >> 1; if (fn(mid) >= fen) hi = mid; else lo = mid + 1; } return lo; };
  return [1e12, 5e12, 1e13, 1.5e13, 2e13, 2.5e13].map((m) => m * scale).map((fen) => {
    const s = first((x) => gmv(x, scale), fen), r = first((x) => reference(x, scale), fen);
    const done = s !== null && START + s * 1000 <= now;
    return { window: "day", threshold_fen: fen, on_air_second: done ? zoned(START + s * 1000) : null, event_second: done ? zoned(START + (s - 1) * 1000) : null, since_start_s: done ? s - 1 : null, certainty: done ? "provisional" : null, reference_since_start_s: r };
  });
}

/** Twelve partitions of two processes; "incomplete" stops number 7, "lagging" slows number 3, "calm" is the default. */
function operations(f, state, now) {
  const wave = (n, low, spread, bump = -1) => Array.from({ length: n }, (_, i) => Math.round(low + spread * Math.abs(Math.sin(i * 1.7 + low)) + (i === bump ? spread * 6 : 0)));
  const rows = Object.entries(f.positions).map(([, next], i) => {
    const stopped = state.incomplete && i === 7, lags = state.lagging && i === 3;
    const lag = stopped ? 360117 : lags ? 18204 : 90 + ((i * 53) % 150), fresh = stopped ? 157300 : lags ? 7900 : 300 + ((i * 70) % 130);
    const segment = Math.floor(next / 65536);
    return { partition: i, next, high_watermark: next + lag, stable_end: next + lag - 2, lag, lag_s: Math.floor(fresh / 1000), watermark: zoned(now - fresh - 1800).replace(/(\+.*)$/, `.${String(137 + i * 61).padStart(3, "0")}$1`),
      segment, used: next % 65536, sealed: segment - 1, verified: segment - 2 - (i % 3 === 0 ? 1 : 0), process: i < 6 ? "ingest-a" : "ingest-b", state: stopped ? "stopped" : "running",
      reason: stopped ? "log replaced: batch at offset 182390784 has other bytes after the leader moved to broker 2: restore the log, or sign off `festival ledger recount --partition 7`, or `festival ledger accept-gap --partition 7 --from 182390784 --to 182750901`" : null, fresh_ms: fresh, pulse_age_ms: 400 };
  });
  const timing = (name, p50, p99, bump) => ({ name, n: 3000, p50_ms: p50, p99_ms: p99, line_ms: wave(60, p50, p50 / 4, bump) });
  const at = zoned(Math.floor(now / 1000) * 1000);
  const process = (name, role, partitions, timings, bounds) => ({ process: name, at, started: zoned(START - 3600e3), started_ms: START - 3600e3, role, partitions, stopped: false, retries: 0, timings, bounds });
  const free = state.full ? 3_200_000_000 : 1_100_000_000_000;
  return {
    version: 1, now: at, ledger: f.ledger.padEnd(64, "0"), festival: "1111-2026", rehearsal: f.rehearsal, stride: 65536, reasons: [], warnings: [], partitions: rows,
    processes: [
      process("serve:1", "serve", [], [timing("frame_store", 12, 38, -1), timing("frame_age", 312, 604, -1)], [{ name: "streams", unit: "streams", used: 8214, limit: 20000 }, { name: "board_queue_cells", unit: "cells", used: 210, limit: 1000000 }]),
      process("ingest-a", "ingest", [0, 1, 2, 3, 4, 5], [timing("orders", 41, 118, 50), timing("cells", 19, 44, -1), timing("flush", 66, 171, 50)], [{ name: "fingerprints", unit: "events", used: 1_830_000_000, limit: 3_000_000_000 }, { name: "buffered_rows", unit: "records", used: 21_000, limit: 200_000 }, { name: "changed_cells", unit: "cells", used: 271_000, limit: 900_000 }]),
      process("ingest-b", "ingest", [6, 7, 8, 9, 10, 11], [timing("orders", 38, 101, 50), timing("cells", 18, 40, -1), timing("flush", 60, 150, 50)], [{ name: "fingerprints", unit: "events", used: 1_790_000_000, limit: 3_000_000_000 }]),
    ],
    children: [], disk: { limit: 4_000_000_000_000, used: 4_000_000_000_000 - free, free, keep: 2 ** 31, guarded: true },
    verify: { frames: 52284, differences: state.differs ? 1 : 0, to: zoned(Math.floor(now / 1000) * 1000 - 16_000), different_at: state.differs ? at : null, detail: state.differs ? "partition 4, segment 2780: country RU" : "" },
    frames: { seq: f.seq, stored: at, publishing: false, instance: "b 127.0.0.1:8080 pid 7", by: "a 127.0.0.1:8080 pid 1", topic_lag: 0 }, frozen: f.frozen, holds: state.holds ?? [{ at: zoned(START + 14 * 3600e3 + 331e3), held: false, by: "Chen Ruo", reason: "" }, { at: zoned(START + 14 * 3600e3 + 308e3), held: true, by: "Chen Ruo", reason: "correction of the 10 billion second" }],
    signoffs: [], duplicates: { total: f.total.duplicates, per_s: 148, line: wave(120, 120, 20).map((n, i) => n + Math.round(90 * Math.exp(-((i - 70) ** 2) / 8))) },
  };
}

function serveFile(path, res) {
  const file = join(DIST, normalize(PAGES[path] ?? path.slice(1)));
  if (!file.startsWith(DIST) || !existsSync(file) || !statSync(file).isFile()) { res.writeHead(404); res.end(); return; }
  res.writeHead(200, { "Content-Type": TYPES[extname(file)] ?? "application/octet-stream", "Cache-Control": "no-cache", "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'" });
  createReadStream(file).pipe(res);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({ options: { port: { type: "string", default: "4311" }, at: { type: "string" }, rehearsal: { type: "boolean" }, scale: { type: "string" }, incomplete: { type: "boolean" }, final: { type: "boolean" } } });
  const options = { port: Number(values.port) };
  for (const name of ["at", "rehearsal", "incomplete", "final"]) if (values[name] !== undefined) options[name] = values[name];
  if (values.scale) options.scale = Number(values.scale);
  const mock = await startMock(options);
  console.log(`festival mock at ${mock.url}/`);
}
