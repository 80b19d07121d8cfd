// Equirectangular, China in the middle: central meridian 150° E, cut at 30° W in the Atlantic, 73° N to 55° S, heights
// squashed by 0.98. No polygon, no border: only points of the sphere become points of the picture.
import type { Point } from "./hubs";

/** Degrees. Same numbers as tools/land.mjs. */
const CUT = -30;
const NORTH = 73;
const SOUTH = -55;
const SQUASH = 0.98;

/** Map height as a part of its width. */
export const MAP_RATIO = ((NORTH - SOUTH) * SQUASH) / 360;

/** A place in units of the map's width: x from 0 to 1, y from 0 to MAP_RATIO. */
export function project([lon, lat]: Point): [x: number, y: number] {
  return [(((lon - CUT) % 360) + 360) % 360 / 360, ((NORTH - lat) * SQUASH) / 360];
}
