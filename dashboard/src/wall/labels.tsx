// Names beside the brightest lights of the map. They are text in the page, not in the canvas: sharp, and set once.
import { countryName } from "../shared/names";
import { HUBS, LABEL_OFFSETS } from "./hubs";
import { project } from "./project";
import type { Layout } from "./stage";
import { choice } from "./director";
import { layout, settled } from "./store";

/** Labels beside China's own. */
const MOST = 11;
const LINE = 24;

interface Placed { key: string; name: string; x: number; y: number; left: number; right: number; anchor: "l" | "c" | "r" }

/** The largest markets' labels that do not touch each other, home first. */
export function placeLabels(keys: readonly string[], { kind, map, north, south }: Layout, language: "zh" | "en" = "zh"): Placed[] {
  const placed: Placed[] = [];
  for (const key of keys) {
    const hub = HUBS.get(key);
    if (hub === undefined || placed.length > MOST) continue;
    const [px, py] = project(hub);
    const [dx, dy, anchor] = LABEL_OFFSETS[key] ?? [0, -26, "c"];
    const name = countryName(key, language);
    const letter = kind === "ultra" ? (key === "CN" ? 33 : 25) : key === "CN" ? 27 : 20; // the sizes of wall.css
    const width = name.length * letter * (language === "zh" ? 1 : 0.55);
    const x = map.left + px * map.width + dx;
    const y = map.top + py * map.width + dy;
    const left = anchor === "l" ? x : anchor === "r" ? x - width : x - width / 2;
    const label = { key, name, x, y, left, right: left + width, anchor };
    if (y < south && y > north && !placed.some((p) => Math.abs(p.y - y) < LINE * (letter / 20) && p.left < label.right + 12 && p.right > label.left - 12)) placed.push(label);
  }
  return placed;
}

export function Labels() {
  const keys = (settled.value?.countries ?? []).filter((c) => c.gmv_fen > 0 && c.key !== "unknown").sort((a, b) => b.gmv_fen - a.gmv_fen).map((c) => c.key).slice(0, 24);
  return (
    <div class="labels" lang={choice.value.first === "zh" ? "zh-CN" : "en"} aria-hidden="true">
      {placeLabels(keys, layout.value, choice.value.first).map((p) => <span key={p.key} class={`label at-${p.anchor}${p.key === "CN" ? " home" : ""}`} style={{ "--x": p.x.toFixed(1), "--y": p.y.toFixed(1) }}>{p.name}</span>)}
    </div>
  );
}
