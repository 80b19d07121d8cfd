// Names beside the brightest lights of the map. They are text in the page, not in the canvas: sharp, and set once.
import { countryName } from "../shared/names";
import { HUBS, LABEL_OFFSETS } from "./hubs";
import { MAP } from "./lights";
import { project } from "./project";
import { settled } from "./store";

/** Labels beside China's own. */
const MOST = 11;
/** Lights south of this (u) would run into the lower third. */
const SOUTHMOST = 775;
/** Labels north of this would touch the lines under the figure. */
const NORTHMOST = 384;
const LINE = 24;

interface Placed { key: string; name: string; x: number; y: number; left: number; right: number; anchor: "l" | "c" | "r" }

/** The largest markets' labels that do not touch each other, home first. */
export function placeLabels(keys: readonly string[]): Placed[] {
  const placed: Placed[] = [];
  for (const key of keys) {
    const hub = HUBS.get(key);
    if (hub === undefined || placed.length > MOST) continue;
    const [px, py] = project(hub);
    const [dx, dy, anchor] = LABEL_OFFSETS[key] ?? [0, -26, "c"];
    const name = countryName(key, "zh");
    const width = name.length * (key === "CN" ? 27 : 20);
    const x = MAP.left + px * MAP.width + dx;
    const y = MAP.top + py * MAP.width + dy;
    const left = anchor === "l" ? x : anchor === "r" ? x - width : x - width / 2;
    const label = { key, name, x, y, left, right: left + width, anchor };
    if (y < SOUTHMOST && y > NORTHMOST && !placed.some((p) => Math.abs(p.y - y) < LINE && p.left < label.right + 8 && p.right > label.left - 8)) placed.push(label);
  }
  return placed;
}

export function Labels() {
  const keys = (settled.value?.countries ?? []).filter((c) => c.gmv_fen > 0 && c.key !== "unknown").sort((a, b) => b.gmv_fen - a.gmv_fen).map((c) => c.key).slice(0, 20);
  return (
    <div class="labels" lang="zh-CN" aria-hidden="true">
      {placeLabels(keys).map((p) => <span key={p.key} class={`label at-${p.anchor}${p.key === "CN" ? " home" : ""}`} style={{ "--x": p.x.toFixed(1), "--y": p.y.toFixed(1) }}>{p.name}</span>)}
    </div>
  );
}
