// The moving light over the map: hub glows and arcs on one canvas that is no larger than the map's band, because
// compositing a full-screen canvas costs a third of the frame rate without a GPU (wall.md §6). Pools are of fixed size.
import type { Flight } from "./arcs";
import { HUBS } from "./hubs";
import { placeOf } from "./places";
import type { MapMode } from "./settings";
import { layoutOf, type Layout } from "./stage";

const POOL = 72;
const HOME_SIZE = 210;
const MOST_HUBS = 60;
const SEGMENTS = 12;
const TAIL = 0.42;
const RINGS = 24;
const RING_MS = 600;
/** Size of a bump after 1/60 s; decay is by time, so that a slow machine looks the same. */
const BUMP_DECAY = 0.955;
const BUMP = 0.18;
const GOLD = "255,200,87";
const SKY = "92,203,255";

interface Arc { x0: number; y0: number; cx: number; cy: number; x1: number; y1: number; start: number; ms: number; out: boolean; to: string }
interface Ring { x: number; y: number; start: number; out: boolean }
interface Hub { x: number; y: number; size: number; bump: number }

/** Eased 0..1 without a jerk at either end. */
const smooth = (x: number): number => x * x * (3 - 2 * x);

export class Lights {
  private readonly ctx: CanvasRenderingContext2D;
  private readonly arcs: (Arc | null)[] = Array.from({ length: POOL }, () => null);
  private readonly rings: (Ring | null)[] = Array.from({ length: RINGS }, () => null);
  private readonly hubs = new Map<string, Hub>();
  private nextArc = 0;
  private nextRing = 0;
  private last = 0;
  private at: Layout = layoutOf(1920, 1080, 1);
  private mode: MapMode = "dots";
  private readonly glow = sprite(128, [[0, "rgba(255,247,236,.95)"], [0.07, "rgba(255,220,170,.75)"], [0.2, "rgba(255,140,60,.4)"], [0.5, "rgba(255,140,60,.14)"], [1, "rgba(255,140,60,0)"]]);
  private readonly heads = [headSprite(SKY), headSprite(GOLD)];

  constructor(private readonly canvas: HTMLCanvasElement) {
    const ctx = canvas.getContext("2d");
    if (ctx === null) throw new Error("no 2d canvas");
    this.ctx = ctx;
  }

  /** What is in flight was aimed at the old places. */
  resize(at: Layout, mode: MapMode = this.mode): void {
    this.at = at;
    this.mode = mode;
    this.canvas.width = Math.round(at.band.width * at.canvas);
    this.canvas.height = Math.round(at.band.height * at.canvas);
    this.clear();
    this.hubs.clear();
  }

  /** Sizes the glows by GMV; the root keeps small markets visible. Home keeps a fixed size: it would outshine all. */
  light(countries: readonly { key: string; gmv_fen: number }[], home: string): void {
    const abroad = countries.filter((c) => c.key !== home && c.gmv_fen > 0 && onStage(c.key, this.at, this.mode)).slice(0, MOST_HUBS);
    const most = Math.max(1, ...abroad.map((c) => c.gmv_fen));
    const sizes = new Map(abroad.map((c) => [c.key, 26 + 150 * Math.sqrt(c.gmv_fen / most)]));
    if (countries.some((c) => c.key === home && c.gmv_fen > 0)) sizes.set(home, HOME_SIZE);
    for (const [key, size] of sizes) {
      const hub = this.hubs.get(key);
      if (hub) hub.size = size;
      else this.hubs.set(key, { ...place(key, this.at, this.mode), size, bump: 0 });
    }
    for (const key of this.hubs.keys()) if (!sizes.has(key)) this.hubs.delete(key);
  }

  /** Starts a flight at `at` (local ms, may be soon). The oldest of the pool is overwritten. */
  spawn(flight: Flight, at: number, spread: number): void {
    const a = place(flight.from, this.at, this.mode);
    const b = place(flight.to, this.at, this.mode);
    const d = Math.hypot(b.x - a.x, b.y - a.y) / this.at.map.width;
    const lift = Math.min(0.088, 0.035 + 0.17 * d) * (0.8 + 0.4 * spread) * this.at.map.width * (flight.out ? -1 : 1);
    this.arcs[this.nextArc] = {
      x0: a.x, y0: a.y, x1: b.x, y1: b.y, cx: (a.x + b.x) / 2, cy: (a.y + b.y) / 2 + 1.15 * lift,
      start: at, ms: 1100 + 1500 * Math.min(1, d / 0.5), out: flight.out, to: flight.to,
    };
    this.nextArc = (this.nextArc + 1) % POOL;
  }

  /** Forgets what is in flight: a page that was hidden must not replay its queue. */
  clear(): void {
    this.arcs.fill(null);
    this.rings.fill(null);
  }

  frame(now: number): void {
    const { ctx } = this;
    const px = this.at.canvas;
    const decay = BUMP_DECAY ** Math.min(30, ((now - this.last) * 60) / 1000);
    this.last = now;
    ctx.setTransform(1, 0, 0, 1, 0, 0);
    ctx.clearRect(0, 0, this.canvas.width, this.canvas.height);
    ctx.setTransform(px, 0, 0, px, 0, 0);
    ctx.globalCompositeOperation = "lighter";
    for (const hub of this.hubs.values()) {
      hub.bump *= decay;
      const size = hub.size * (1 + hub.bump);
      ctx.drawImage(this.glow, hub.x - size / 2, hub.y - size / 2, size, size);
      if (hub.size === HOME_SIZE) ctx.drawImage(this.glow, hub.x - size / 4, hub.y - size / 4, size / 2, size / 2);
    }
    ctx.lineCap = "butt"; // round ends overlap and, being additive, show as beads
    this.arcs.forEach((arc, i) => {
      if (arc !== null && now >= arc.start && this.drawArc(arc, now)) this.arcs[i] = null;
    });
    this.rings.forEach((ring, i) => {
      if (ring !== null && this.drawRing(ring, now)) this.rings[i] = null;
    });
  }

  /** Draws one arc; true when its tail has arrived too. */
  private drawArc(arc: Arc, now: number): boolean {
    const { ctx } = this;
    const color = arc.out ? GOLD : SKY;
    const run = (now - arc.start) / arc.ms;
    const head = smooth(Math.min(1, run));
    const tail = Math.max(0, smooth(Math.min(1, Math.max(0, run))) - TAIL + Math.max(0, run - 1) * 1.6);
    if (run >= 1 && arc.to !== "") this.arrive(arc, now);
    if (tail >= 1) return true;
    ctx.strokeStyle = `rgba(${color},.13)`;
    ctx.lineWidth = 1.2;
    ctx.beginPath();
    ctx.moveTo(arc.x0, arc.y0);
    ctx.quadraticCurveTo(arc.cx, arc.cy, arc.x1, arc.y1);
    ctx.stroke();
    const step = (head - tail) / SEGMENTS;
    for (let i = 0; i < SEGMENTS; i++) {
      const bright = (i + 1) / SEGMENTS;
      const from = tail + i * step;
      ctx.strokeStyle = `rgba(${color},${(bright * bright * 0.95).toFixed(2)})`;
      ctx.lineWidth = 0.8 + 2.6 * bright;
      ctx.beginPath();
      ctx.moveTo(bend(arc.x0, arc.cx, arc.x1, from), bend(arc.y0, arc.cy, arc.y1, from));
      ctx.lineTo(bend(arc.x0, arc.cx, arc.x1, from + step), bend(arc.y0, arc.cy, arc.y1, from + step));
      ctx.stroke();
    }
    if (run < 1) {
      const x = bend(arc.x0, arc.cx, arc.x1, head);
      const y = bend(arc.y0, arc.cy, arc.y1, head);
      ctx.drawImage(this.heads[arc.out ? 1 : 0] as HTMLCanvasElement, x - 15, y - 15, 30, 30);
    }
    return false;
  }

  private arrive(arc: Arc, now: number): void {
    const hub = this.hubs.get(arc.to);
    if (hub) hub.bump = Math.min(1, hub.bump + BUMP);
    this.rings[this.nextRing] = { x: arc.x1, y: arc.y1, start: now, out: arc.out };
    this.nextRing = (this.nextRing + 1) % RINGS;
    arc.to = "";
  }

  private drawRing(ring: Ring, now: number): boolean {
    const done = (now - ring.start) / RING_MS;
    if (done >= 1) return true;
    const radius = 4 + 30 * done;
    this.ctx.strokeStyle = `rgba(${ring.out ? GOLD : SKY},${((1 - done) * 0.8).toFixed(2)})`;
    this.ctx.lineWidth = 2;
    this.ctx.beginPath();
    this.ctx.ellipse(ring.x, ring.y, radius, radius * 0.6, 0, 0, Math.PI * 2);
    this.ctx.stroke();
    return false;
  }
}

const bend = (a: number, c: number, b: number, t: number): number => (1 - t) * (1 - t) * a + 2 * (1 - t) * t * c + t * t * b;

const onStage = (code: string, at: Layout, mode: MapMode): boolean => HUBS.has(code) && place(code, at, mode).y + at.band.top < at.south + 25;

/** A country's place on the band's canvas, in u. */
function place(code: string, { map, band }: Layout, mode: MapMode): { x: number; y: number } {
  const [x, y] = placeOf(code, mode) ?? [0, 0];
  return { x: map.left - band.left + x * map.width, y: map.top - band.top + y * map.width };
}

function sprite(size: number, stops: [number, string][]): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = size;
  const ctx = canvas.getContext("2d");
  if (ctx === null) return canvas;
  const fill = ctx.createRadialGradient(size / 2, size / 2, 0, size / 2, size / 2, size / 2);
  for (const [at, color] of stops) fill.addColorStop(at, color);
  ctx.fillStyle = fill;
  ctx.fillRect(0, 0, size, size);
  return canvas;
}

function headSprite(color: string): HTMLCanvasElement {
  return sprite(60, [[0, "rgba(255,255,255,1)"], [0.14, "rgba(255,252,240,.95)"], [0.3, `rgba(${color},.55)`], [1, `rgba(${color},0)`]]);
}
