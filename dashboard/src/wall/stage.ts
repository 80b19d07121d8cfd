// The unit rule: one u is min(width/1920, height/1080) px; on an ultra-wide wall the height alone rules. Lengths are
// calc(var(--u) * n), canvases have device px. Nothing is scaled by transform: that blurs.

/** Wider than this the wall is several panels beside each other. */
const ULTRA = 2.6;
/** Finer canvases than this cost more than they show. */
const MOST_RATIO = 2;

export interface Unit {
  /** CSS px per u. */
  css: number;
  /** Canvas px per u. */
  canvas: number;
}

export function unitOf(width: number, height: number, ratio: number): Unit {
  const css = width / height > ULTRA ? height / 1080 : Math.min(width / 1920, height / 1080);
  return { css, canvas: css * Math.min(ratio, MOST_RATIO) };
}

/** Moves along eight places, one a minute, so that nothing burns into the panel. In u. */
export function drift(minute: number): [x: number, y: number] {
  const places: [number, number][] = [[0, 0], [4, 0], [4, 4], [0, 4], [-4, 4], [-4, 0], [-4, -4], [0, -4]];
  return places[minute % places.length] ?? [0, 0];
}

export type Motion = "full" | "calm" | "off";

/** ?motion= of the address, else what the system asks for. */
export function motionOf(search: string, reduced: boolean): Motion {
  const asked = new URLSearchParams(search).get("motion");
  if (asked === "full" || asked === "calm" || asked === "off") return asked;
  return reduced ? "off" : "full";
}
