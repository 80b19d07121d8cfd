// The unit rule: one u is min(width/1920, height/1080) px; on an ultra-wide wall the height alone rules. Lengths are
// calc(var(--u) * n), canvases have device px. Nothing is scaled by transform: that blurs. Here: where things stand, in u.
import { MAP_RATIO } from "./project";

/** Wider than this the height alone gives the unit. */
const ULTRA = 2.6;
/** Finer canvases than this cost more than they show. */
const MOST_RATIO = 2;
const STAGE = 1920;
const HEIGHT = 1080;
/** Three panels beside each other. */
const TRIPTYCH = 3 * STAGE;
/** The ultra layout's centre keeps this for the figure, a wing wants this much, and no wing is wider. */
const CENTRE = 1772;
const CENTRE_GAP = 298;
const WING_LEAST = 1150;
const WING_MOST = 1500;
const MARGIN = 96;
const ULTRA_MAP = 2300;

/** Which part of the wall a machine drives (`?screen=`): all of it, or one panel of three. */
export type Panel = "all" | "left" | "centre" | "right";

export interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
}

/** Everything that depends on the size of the wall; lengths in u from the stage's top left. */
export interface Layout {
  kind: "std" | "ultra";
  /** CSS px per u. */
  css: number;
  /** Canvas px per u. */
  canvas: number;
  /** The stage: its width, and how far its middle stands from the screen's. */
  width: number;
  shift: number;
  wing: number;
  /** Size of the figure's digits and the width that the whole number may take. */
  figure: number;
  room: number;
  map: Box;
  /** The canvas of lights: no larger than it must be, for it is composited at every frame. */
  band: Box;
  /** The canvas of the curve, and the plot within it. */
  curve: Box;
  plot: { left: number; top: number; right: number; bottom: number; axis: number };
  /** Lights and labels stand between these. */
  north: number;
  south: number;
}

/** The layout for a screen of `width` by `height` CSS px at `ratio` device px each. */
export function layoutOf(width: number, height: number, ratio: number, panel: Panel = "all"): Layout {
  const css = panel === "all" && width / height > ULTRA ? height / HEIGHT : Math.min(width / STAGE, height / HEIGHT);
  const canvas = css * Math.min(ratio, MOST_RATIO);
  const room = panel === "all" ? width / css : TRIPTYCH;
  const wing = Math.min(WING_MOST, Math.floor((room - CENTRE - CENTRE_GAP) / 2) - MARGIN);
  if (wing < WING_LEAST) return { ...STANDARD, css, canvas };
  const shift = panel === "left" ? STAGE : panel === "right" ? -STAGE : 0;
  return { ...ultra(room, wing), css, canvas, shift };
}

const mapBox = (left: number, top: number, width: number): Box => ({ left, top, width, height: width * MAP_RATIO });

const STANDARD: Omit<Layout, "css" | "canvas"> = {
  kind: "std", width: STAGE, shift: 0, wing: 0, figure: 190, room: 1776, map: mapBox(160, 330, 1580),
  band: { left: 60, top: 292, width: 1800, height: 540 },
  curve: { left: 420, top: 832, width: 800, height: 212 }, plot: { left: 86, top: 8, right: 784, bottom: 176, axis: 15 },
  north: 384, south: 775,
};

function ultra(width: number, wing: number): Omit<Layout, "css" | "canvas" | "shift"> {
  const map = Math.min(ULTRA_MAP, width - 2 * (MARGIN + wing));
  const left = (width - map) / 2;
  return {
    kind: "ultra", width, wing, figure: 212, room: CENTRE, map: mapBox(left, 322, map),
    band: { left: left - 110, top: 300, width: map + 220, height: 760 },
    curve: { left: MARGIN, top: 622, width: wing + 10, height: 400 }, plot: { left: 118, top: 12, right: wing - 4, bottom: 350, axis: 23 },
    north: 372, south: 1010,
  };
}

/** Moves along eight places, one a minute, so that nothing burns into the panel. In u. */
export function drift(minute: number): [x: number, y: number] {
  const places: [number, number][] = [[0, 0], [4, 0], [4, 4], [0, 4], [-4, 4], [-4, 0], [-4, -4], [0, -4]];
  return places[minute % places.length] ?? [0, 0];
}
