import { project } from "./project";
import { HUBS } from "./hubs";
import land from "./land.json";
import wide from "./land-wide.json";
import type { Layout } from "./stage";

export interface Land {
  columns: number;
  rows: string[];
}

/** The dots of a layout: an ultra wall has finer ones. */
export const landOf = (kind: Layout["kind"]): Land => (kind === "ultra" ? wide : land);

/** Centres of the dots in units of the map's width, as x, y, x, y; the hex grid of tools/land.mjs. */
export function landDots({ columns, rows }: Land): Float32Array {
  const pitch = 1 / columns;
  const rowPitch = (pitch * Math.sqrt(3)) / 2;
  const out: number[] = [];
  rows.forEach((row, r) => {
    const shift = r % 2 === 0 ? 0.25 : 0.75;
    let column = 0;
    row.split(" ").forEach((run, i) => {
      const length = parseInt(run, 36);
      if (i % 2 === 1) for (let c = column; c < column + length; c++) out.push((c + shift) * pitch, (r + 0.5) * rowPitch);
      column += length;
    });
  });
  return Float32Array.from(out);
}

/** Fades in units of the map's width (wall.md §6): the north is covered by the figures, the south by the lower third. */
const NORTH_FADE = [0.045, 0.098] as const;
const SOUTH_FADE: Record<Layout["kind"], readonly [number, number]> = { std: [0.228, 0.326], ultra: [0.27, 0.33] };
const NORTH_FLOOR = 0.12;
const REACH = 0.42;

const ramp = (x: number, [a, b]: readonly [number, number]): number => Math.min(1, Math.max(0, (x - a) / (b - a)));

/** Draws the dots once, at `width` device px. Warm near the China hub, violet and faint far from it. */
export function drawLand(ctx: CanvasRenderingContext2D, width: number, kind: Layout["kind"]): void {
  const [hx, hy] = project(HUBS.get("CN") ?? [114, 31.5]);
  const dots = landDots(landOf(kind));
  const radius = (0.00118 * 190 * width) / landOf(kind).columns;
  for (let i = 0; i < dots.length; i += 2) {
    const x = dots[i] ?? 0;
    const y = dots[i + 1] ?? 0;
    const near = Math.max(0, 1 - Math.hypot(x - hx, y - hy) / REACH);
    const fade = (NORTH_FLOOR + (1 - NORTH_FLOOR) * ramp(y, NORTH_FADE)) * (1 - ramp(y, SOUTH_FADE[kind]));
    if (fade <= 0.01) continue;
    const mix = (a: number, b: number): number => Math.round(a + (b - a) * near);
    ctx.fillStyle = `rgba(${mix(120, 230)},${mix(92, 158)},${mix(168, 128)},${((0.34 + 0.42 * near) * fade).toFixed(3)})`;
    ctx.beginPath();
    ctx.arc(x * width, y * width, radius, 0, Math.PI * 2);
    ctx.fill();
  }
}
