// Draws the curve on its canvas, once a second: one bucket per pixel column, whatever the number of points.
import { inUnit, unitFor } from "../shared/format";
import type { ReferencePoint } from "../shared/types";
import { type Curve, type CurvePoint, niceStep, referenceAt, spanFor } from "./curve";

/** The canvas on the stage and the plot within it, in u. */
export const PLOT_BOX = { left: 420, top: 832, width: 800, height: 212 } as const;
const PLOT = { left: 86, top: 8, right: 784, bottom: 176 } as const;
const AXIS_FONT = "500 15px 'Archivo Variable','Noto Sans SC Variable',sans-serif";
const LABEL_FONT = "600 16px 'Archivo Variable','Noto Sans SC Variable',sans-serif";
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
}

/** Where the head stands, in u on the stage, for its ripple. */
export interface Head {
  x: number;
  y: number;
}

export class CurveDrawer {
  private yMax = 0;
  private readonly ctx: CanvasRenderingContext2D;

  constructor(private readonly canvas: HTMLCanvasElement) {
    const ctx = canvas.getContext("2d");
    if (ctx === null) throw new Error("no 2d canvas");
    this.ctx = ctx;
  }

  resize(px: number): void {
    this.canvas.width = Math.round(PLOT_BOX.width * px);
    this.canvas.height = Math.round(PLOT_BOX.height * px);
    this.ctx.setTransform(px, 0, 0, px, 0, 0);
  }

  draw(view: CurveView): Head {
    const { ctx } = this;
    const head = view.curve.head();
    const { span, tick } = spanFor(head.s, view.length);
    const lastEnd = referenceAt(view.reference, span - 1) ?? 0;
    const wanted = Math.max(lastEnd, head.fen * 1.02, 1) * 1.06;
    // Eased towards the wanted height, never below the head: a fixed maximum once drew a wrong curve on live TV.
    this.yMax = this.yMax === 0 ? wanted : Math.max(head.fen * 1.02, this.yMax + (wanted - this.yMax) * 0.35);
    const x = (s: number): number => PLOT.left + ((PLOT.right - PLOT.left) * s) / span;
    const y = (fen: number): number => PLOT.bottom - ((PLOT.bottom - PLOT.top) * fen) / this.yMax;
    ctx.clearRect(0, 0, PLOT_BOX.width, PLOT_BOX.height);
    this.grid(y, x, span, tick, view.label);
    if (view.reference !== null) this.last(view.reference, span, x, y);
    const line = columns(view.curve.points, x, y);
    this.area(line, x(head.s), y(head.fen));
    this.marks(view, x, y);
    return { x: PLOT_BOX.left + x(head.s), y: PLOT_BOX.top + y(head.fen) };
  }

  private grid(y: (fen: number) => number, x: (s: number) => number, span: number, tick: number, label: (s: number) => string): void {
    const { ctx } = this;
    const step = niceStep(this.yMax);
    ctx.font = AXIS_FONT;
    ctx.fillStyle = "#A79BB8";
    ctx.strokeStyle = "rgba(255,247,236,.09)";
    ctx.lineWidth = 1;
    ctx.setLineDash([]);
    ctx.textAlign = "right";
    ctx.textBaseline = "middle";
    for (let fen = step; y(fen) >= PLOT.top - 2; fen += step) {
      const at = Math.round(y(fen)) + 0.5;
      stroke(ctx, [[PLOT.left, at], [PLOT.right, at]]);
      ctx.fillText(threshold(fen), PLOT.left - 14, at);
    }
    ctx.strokeStyle = "rgba(255,247,236,.22)";
    stroke(ctx, [[PLOT.left, PLOT.bottom + 0.5], [PLOT.right, PLOT.bottom + 0.5]]);
    ctx.textBaseline = "alphabetic";
    for (let s = 0; s <= span; s += tick) {
      ctx.textAlign = s === 0 ? "left" : s + tick > span ? "right" : "center";
      ctx.fillText(label(s), x(s), PLOT.bottom + 26);
    }
  }

  private last(reference: ReferencePoint[], span: number, x: (s: number) => number, y: (fen: number) => number): void {
    const { ctx } = this;
    const points: [number, number][] = [[x(0), y(0)]];
    for (let px = PLOT.left + 2; px <= PLOT.right; px += 2) {
      const fen = referenceAt(reference, ((px - PLOT.left) / (PLOT.right - PLOT.left)) * span - 1);
      if (fen !== null) points.push([px, y(fen)]);
    }
    ctx.strokeStyle = "#B7AACC";
    ctx.lineWidth = 2.2;
    ctx.setLineDash([7, 6]);
    stroke(ctx, points);
    ctx.setLineDash([]);
  }

  private area(line: [number, number][], headX: number, headY: number): void {
    const { ctx } = this;
    if (line.length < 2) return;
    const fill = ctx.createLinearGradient(0, PLOT.top, 0, PLOT.bottom);
    fill.addColorStop(0, "rgba(255,200,87,.42)");
    fill.addColorStop(1, "rgba(255,90,54,.02)");
    ctx.fillStyle = fill;
    ctx.beginPath();
    ctx.moveTo(line[0]?.[0] ?? 0, PLOT.bottom);
    for (const [px, py] of line) ctx.lineTo(px, py);
    ctx.lineTo(headX, PLOT.bottom);
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
    const headX = x(view.curve.head().s);
    ctx.font = LABEL_FONT;
    ctx.textAlign = "right";
    let labelled = -Infinity;
    for (const fen of view.milestonesFen) {
      const at = view.curve.reached(fen);
      if (at === null) break;
      const px = x(at.s);
      disc(ctx, px, y(fen), 4.2, "#FFFAF1");
      // Above and left of its dot: the curve only rises, so that side is empty.
      if (px - labelled < LABEL_GAP || px - PLOT.left < LABEL_GAP * 0.7 || headX - px < 24) continue;
      ctx.fillStyle = "#FFE9B8";
      ctx.fillText(threshold(fen), px - 4, y(fen) - 12);
      labelled = px;
    }
  }
}

function threshold(fen: number): string {
  const unit = unitFor(fen);
  return `${inUnit(fen, unit.fen).text.replace(/\.?0+$/, "")} ${unit.zh}`;
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
