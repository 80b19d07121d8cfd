// uPlot in the page's colours: time axis in the festival's zone, money axis in 亿, 万 or English short scale.
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { inUnit, unitFor, yuan } from "./format";
import { locale, type Locale, num, text } from "./i18n";

export interface ChartLine {
  label: string;
  color: string;
  fill?: string;
  dashed?: boolean;
  stepped?: boolean;
  width?: number;
}

/** First series is Unix seconds, the others fen; null is a gap. */
export type ChartData = [number[], ...(number | null)[][]];

/** Three days of minutes. */
const MOST_BUCKETS = 4320;

/** Height of an axis without data: 100 yuan. */
const EMPTY_FEN = 10_000;

const css = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** Units of an axis outside Chinese, in fen. */
const AXIS = [[1e11, "unit.axis.billion"], [1e8, "unit.axis.million"], [1e5, "unit.axis.thousand"]] as const;

/** Axis text of an amount in fen. */
export function axisMoney(fen: number, language: Locale): string {
  if (fen === 0) return "0";
  if (language === "zh") {
    const unit = unitFor(fen);
    return unit.fen === 100 ? yuan(fen).text : `${trim(inUnit(fen, unit.fen).text)} ${unit.zh}`;
  }
  for (const [unit, key] of AXIS) if (fen >= unit) return `${num(trim(inUnit(fen, unit).text), language)} ${text(language, key)}`;
  return num(yuan(fen).text, language);
}

const trim = (s: string): string => s.replace(/\.?0+$/, "");

/** A chart in `host` that fills its width. The caller destroys it and makes it anew when theme or language change. */
export function makeChart(host: HTMLElement, height: number, timeZone: string, lines: ChartLine[], range: () => [number, number], pinned: () => number | null): uPlot {
  const language = locale.value;
  const axis = { stroke: css("--ink-2"), font: "500 12px 'Archivo Variable','Noto Sans SC Variable'", grid: { stroke: css("--line"), width: 1 }, ticks: { show: false } };
  const options: uPlot.Options = {
    width: host.clientWidth, height,
    tzDate: (s) => uPlot.tzDate(new Date(s * 1000), timeZone),
    padding: [10, 26, 0, 0],
    cursor: { y: false, points: { size: 7 }, drag: { setScale: false, x: false } },
    legend: { show: false },
    scales: { x: { time: true, range: () => range() }, y: { range: (_u, _min, max) => [0, (Number.isFinite(max) && max > 0 ? max : EMPTY_FEN) * 1.06] } },
    axes: [
      { ...axis, grid: { show: false }, size: 26, gap: 5, values: (_u, splits) => splits.map((s) => clockOf(s, timeZone)) },
      { ...axis, size: 76, gap: 8, values: (_u, splits) => splits.map((v) => axisMoney(v, language)) },
    ],
    series: [{}, ...lines.map((line): uPlot.Series => ({
      label: line.label, stroke: line.color, width: line.width ?? 2.4, points: { show: false }, spanGaps: false,
      ...(line.fill ? { fill: line.fill } : {}), ...(line.dashed ? { dash: [6, 5] } : {}), ...(line.stepped && uPlot.paths.stepped ? { paths: uPlot.paths.stepped({ align: 1 }) } : {}),
    }))],
    hooks: { draw: [(u) => drawPin(u, pinned())] },
  };
  return new uPlot(options, [[], ...lines.map(() => [])], host);
}

// The second that is looked up: violet is used for nothing else.
function drawPin(u: uPlot, at: number | null): void {
  if (at === null) return;
  const x = u.valToPos(at, "x", true);
  u.ctx.save();
  u.ctx.strokeStyle = css("--violet");
  u.ctx.setLineDash([]);
  u.ctx.lineWidth = 2 * devicePixelRatio;
  u.ctx.beginPath();
  u.ctx.moveTo(x, u.bbox.top);
  u.ctx.lineTo(x, u.bbox.top + u.bbox.height);
  u.ctx.stroke();
  u.ctx.restore();
}

const formatters = new Map<string, Intl.DateTimeFormat>();

function clockOf(s: number, timeZone: string): string {
  const known = formatters.get(timeZone) ?? new Intl.DateTimeFormat("en-GB", { timeZone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  formatters.set(timeZone, known);
  return known.format(s * 1000);
}

/** Points per bucket to cumulative, with a zero at the start; a bucket counts at its end. */
export function cumulative(points: readonly { t: number; gmv_fen: number }[], start: number, step: number): [number[], number[]] {
  const xs = [start];
  const ys = [0];
  let fen = 0;
  for (const p of points) {
    fen += p.gmv_fen;
    xs.push(p.t + step);
    ys.push(fen);
  }
  return [xs, ys];
}

/** Fills gaps between known values by the straight line over time that a chart would draw anyway; nothing after the last one. */
export function bridge(times: readonly number[], values: readonly (number | null)[]): (number | null)[] {
  const out = [...values];
  let last = -1;
  values.forEach((v, i) => {
    if (v === null) return;
    const [from, begin] = [values[last] ?? null, times[last] ?? 0];
    if (from !== null) for (let k = last + 1; k < i; k++) out[k] = from + ((v - from) * ((times[k] ?? 0) - begin)) / ((times[i] ?? 0) - begin);
    last = i;
  });
  return out;
}

/** Whole buckets of `step` seconds from `start` to `end`: the first begins at or before `start`, as the server's do; 0 where nothing was paid. */
export function buckets(points: readonly { t: number; gmv_fen: number }[], start: number, end: number, step: number): [number[], number[]] {
  const found = new Map(points.map((p) => [p.t, p.gmv_fen]));
  const times: number[] = [];
  for (let s = Math.floor(start / step) * step; s + step <= end && times.length < MOST_BUCKETS; s += step) times.push(s);
  return [times, times.map((s) => found.get(s) ?? 0)];
}
