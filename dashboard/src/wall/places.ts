// Where a country's light stands on the stage: at its place of the map, or without a map on a ring around home.
import { HUBS } from "./hubs";
import { MAP_RATIO, project } from "./project";
import type { MapMode } from "./settings";

const HOME = "CN";
/** The ring in units of the map's width, clear of the figure above, the rates at the left, the legend and the lower third. */
const RING = { x: 0.5, y: 0.138, across: 0.24, down: 0.045 } as const;

/** All countries around home by the direction in which they lie, evenly spread: neighbours stay beside each other. */
const ORDER: ReadonlyMap<string, number> = new Map(
  [...HUBS].filter(([code]) => code !== HOME).map(([code, point]) => [code, bearing(point)] as const).sort((a, b) => a[1] - b[1] || (a[0] < b[0] ? -1 : 1)).map(([code], i, all) => [code, (i + 0.5) / all.length]),
);

function bearing(point: readonly [number, number]): number {
  const [x, y] = project(point);
  const [hx, hy] = project(HUBS.get(HOME) ?? [114, 31.5]);
  return Math.atan2(y - hy, x - hx);
}

/** Units of the map's width from its top left; null for a code without a light. */
export function placeOf(code: string, mode: MapMode): readonly [x: number, y: number] | null {
  const hub = HUBS.get(code);
  if (hub === undefined) return null;
  if (mode !== "none") return project(hub);
  const at = ORDER.get(code);
  if (at === undefined) return [RING.x, RING.y];
  const angle = at * 2 * Math.PI - Math.PI;
  return [RING.x + RING.across * Math.cos(angle), Math.min(MAP_RATIO, RING.y + RING.down * Math.sin(angle))];
}
