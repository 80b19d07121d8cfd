// Draws the curve on its canvas, once a second: one bucket per pixel column, whatever the number of points.
import { mark } from "../shared/format";
import type { ReferencePoint } from "../shared/types";
import { type Curve, type CurvePoint, MARK_GAP_S, niceStep, referenceAt, runs, spanFor } from "./curve";
import { layoutOf, type Layout } from "./stage";

const FAMILY = "'Archivo Variable','Noto Sans SC Variable',sans-serif";
/** The axis is never lower, so that before the first orders it has different labels: 1,000 yuan. */
const LEAST_FEN = 100_000;
/** Milestone labels nearer than this to each other, in u, are left out. */
const LABEL_GAP = 92;

export interface CurveView {
  curve: Curve;
  reference: ReferencePoint[] | null;
  milestonesFen: readonly number[];
  /** Length of the window in seconds. */
  length: number;
  /** Clock time of `s` seconds after the start. */
  label: (s: number) => string;
  /** Whose units stand on axis and marks: 亿, or billion. */
  language: "zh" | "en";
}

/** Where the head stands, in u on the stage, for its ripple. */
export interface Head {
  x: number;
  y: number;
}

export class CurveDrawer {
  private yMax = 0;
  private at: Layout = layoutOf(1920, 1080, 1);
  private readonly ctx: CanvasRenderingContext2D;

  constructor(private readonly canvas: HTMLCanvasElement) {
    const ctx = canvas.getContext("2d");
    if (ctx === null) throw new Error("no 2d canvas");
    this.ctx = ctx;
  }

  resize(at: Layout): void {
    this.at = at;
    this.canvas.width = Math.round(at.curve.width * at.canvas);
    this.canvas.height = Math.round(at.curve.height * at.canvas);
    this.ctx.setTransform(at.canvas, 0, 0, at.canvas, 0, 0);
  }

  draw(view: CurveView): Head {
    const { ctx } = this;
    const { plot, curve: box } = this.at;
    const head = view.curve.head();
    const { span, tick } = spanFor(head.s, view.length);
    const lastEnd = (view.reference ?? []).findLast((p) => p.n < span)?.gmv_fen ?? 0;
    const wanted = Math.max(lastEnd, head.fen * 1.02, LEAST_FEN) * 1.06;
    // Eased towards the wanted height, never below the head: a fixed maximum once drew a wrong curve on live TV.
    this.yMax = this.yMax === 0 ? wanted : Math.max(head.fen * 1.02, this.yMax + (wanted - this.yMax) * 0.35);
    const x = (s: number): number => plot.left + ((plot.right - plot.left) * s) / span;
    const y = (fen: number): number => plot.bottom - ((plot.bottom - plot.top) * fen) / this.yMax;
    ctx.clearRect(0, 0, box.width, box.height);
    this.grid(y, x, span, tick, view);
    if (view.reference !== null) this.last(view.reference, span, x, y);
    const line = columns(view.curve.points, x, y);
    this.area(line, x(head.s), y(head.fen));
    this.marks(view, x, y);
    return { x: box.left + x(head.s), y: box.top + y(head.fen) };
  }

  private grid(y: (fen: number) => number, x: (s: number) => number, span: number, tick: number, { label, language }: CurveView): void {
    const { ctx } = this;
    const { plot } = this.at;
    const step = niceStep(this.yMax);
    ctx.font = `500 ${plot.axis}px ${FAMILY}`;
    ctx.fillStyle = "#A79BB8";
    ctx.strokeStyle = "rgba(255,247,236,.09)";
    ctx.lineWidth = 1;
    ctx.setLineDash([]);
    ctx.textAlign = "right";
    ctx.textBaseline = "middle";
    for (let fen = step; y(fen) >= plot.top - 2; fen += step) {
      const at = Math.round(y(fen)) + 0.5;
      stroke(ctx, [[plot.left, at], [plot.right, at]]);
      ctx.fillText(mark(fen, language), plot.left - plot.axis, at);
    }
    ctx.strokeStyle = "rgba(255,247,236,.22)";
    stroke(ctx, [[plot.left, plot.bottom + 0.5], [plot.right, plot.bottom + 0.5]]);
    ctx.textBaseline = "alphabetic";
    for (let s = 0; s <= span; s += tick) {
      ctx.textAlign = s === 0 ? "left" : s + tick > span ? "right" : "center";
      ctx.fillText(label(s), x(s), plot.bottom + plot.axis * 1.75);
    }
  }

  private last(reference: ReferencePoint[], span: number, x: (s: number) => number, y: (fen: number) => number): void {
    const { ctx } = this;
    ctx.strokeStyle = "#B7AACC";
    ctx.lineWidth = 2.2;
    for (const run of runs(reference)) this.run(run, reference, span, x, y);
    ctx.setLineDash([]);
  }

  /** A measured stretch is a dashed line, an announced mark a ring: never joined into a curve that nobody measured. */
  private run(run: ReferencePoint[], reference: ReferencePoint[], span: number, x: (s: number) => number, y: (fen: number) => number): void {
    const { ctx } = this;
    const [first, end] = [run[0], run.at(-1)];
    if (first === undefined || end === undefined || first.n >= span) return;
    if (run.length === 1) {
      ctx.setLineDash([]);
      ctx.beginPath();
      ctx.arc(x(first.n + 1), y(first.gmv_fen), 5, 0, Math.PI * 2);
      ctx.stroke();
      return;
    }
    const from = first.n <= MARK_GAP_S ? 0 : first.n;
    const points: [number, number][] = [];
    const step = (2 * span) / (this.at.plot.right - this.at.plot.left); // every second u
    for (let s = from; s <= Math.min(span, end.n + 1); s += step) points.push([x(s), y(s === 0 ? 0 : (referenceAt(reference, s - 1) ?? 0))]);
    ctx.setLineDash([7, 6]);
    stroke(ctx, points);
  }

  private area(line: [number, number][], headX: number, headY: number): void {
    const { ctx } = this;
    const { plot } = this.at;
    if (line.length < 2) return;
    const fill = ctx.createLinearGradient(0, plot.top, 0, plot.bottom);
    fill.addColorStop(0, "rgba(255,200,87,.42)");
    fill.addColorStop(1, "rgba(255,90,54,.02)");
    ctx.fillStyle = fill;
    ctx.beginPath();
    ctx.moveTo(line[0]?.[0] ?? 0, plot.bottom);
    for (const [px, py] of line) ctx.lineTo(px, py);
    ctx.lineTo(headX, plot.bottom);
    ctx.fill();
    ctx.lineJoin = "round";
    ctx.strokeStyle = "rgba(255,200,87,.25)";
    ctx.lineWidth = 9;
    stroke(ctx, line);
    ctx.strokeStyle = "#FFC857";
    ctx.lineWidth = 3.4;
    stroke(ctx, line);
    disc(ctx, headX, headY, 7, "#FFFAF1");
  }

  private marks(view: CurveView, x: (s: number) => number, y: (fen: number) => number): void {
    const { ctx } = this;
    const { plot } = this.at;
    const headX = x(view.curve.head().s);
    ctx.font = `600 ${plot.axis + 1}px ${FAMILY}`;
    ctx.textAlign = "right";
    let labelled = -Infinity;
    for (const fen of view.milestonesFen) {
      const at = view.curve.reached(fen);
      if (at === null) break;
      const px = x(at.s);
      disc(ctx, px, y(fen), 4.2, "#FFFAF1");
      // Above and left of its dot: the curve only rises, so that side is empty.
      if (px - labelled < LABEL_GAP || px - plot.left < LABEL_GAP * 0.7 || headX - px < 24) continue;
      ctx.fillStyle = "#FFE9B8";
      ctx.fillText(mark(fen, view.language), px - 4, y(fen) - 12);
      labelled = px;
    }
  }
}

/** One point per pixel column, the last value in it. */
function columns(points: readonly CurvePoint[], x: (s: number) => number, y: (fen: number) => number): [number, number][] {
  const out: [number, number][] = [];
  let column = -1;
  for (const p of points) {
    const px = x(p.s);
    if (Math.floor(px) === column) out[out.length - 1] = [px, y(p.fen)];
    else out.push([px, y(p.fen)]);
    column = Math.floor(px);
  }
  return out;
}

function stroke(ctx: CanvasRenderingContext2D, points: readonly (readonly [number, number])[]): void {
  ctx.beginPath();
  points.forEach(([px, py], i) => (i === 0 ? ctx.moveTo(px, py) : ctx.lineTo(px, py)));
  ctx.stroke();
}

function disc(ctx: CanvasRenderingContext2D, x: number, y: number, r: number, color: string): void {
  ctx.fillStyle = color;
  ctx.beginPath();
  ctx.arc(x, y, r, 0, Math.PI * 2);
  ctx.fill();
}
