// Names beside the brightest lights of the map. They are text in the page, not in the canvas: sharp, and set once.
import { LABEL_OFFSETS } from "./hubs";
import { marketName, markets } from "./markets";
import { placeOf } from "./places";
import { type MapMode, settings } from "./settings";
import type { Layout } from "./stage";
import { choice } from "./director";
import { layout } from "./store";

/** Labels beside China's own. */
const MOST = 11;
const LINE = 24;

interface Placed { key: string; name: string; x: number; y: number; left: number; right: number; anchor: "l" | "c" | "r" }

/** The largest markets' labels that do not touch each other, home first. */
export function placeLabels(keys: readonly string[], { kind, map, north, south }: Layout, language: "zh" | "en" = "zh", mode: MapMode = "dots"): Placed[] {
  const placed: Placed[] = [];
  for (const key of keys) {
    const at = placeOf(key, mode);
    if (at === null || placed.length > MOST) continue;
    const [px, py] = at;
    const [dx, dy, anchor] = (mode === "none" && key !== "CN" ? outward(px, py) : LABEL_OFFSETS[key]) ?? [0, -26, "c"];
    const name = marketName(key, language);
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

/** On a ring labels stand outside of it. */
const outward = (x: number, y: number): readonly [number, number, "l" | "c" | "r"] => (Math.abs(x - 0.5) < 0.2 ? [0, y < 0.15 ? -26 : 30, "c"] : x < 0.5 ? [-20, 0, "r"] : [20, 0, "l"]);

export function Labels() {
  const { map, map_approval } = settings.value;
  const keys = [...markets.value].filter((c) => c.gmv_fen > 0 && c.key !== "unknown").sort((a, b) => b.gmv_fen - a.gmv_fen).map((c) => c.key).slice(0, 24);
  return (
    <div class="labels" lang={choice.value.first === "zh" ? "zh-CN" : "en"} aria-hidden="true">
      {placeLabels(keys, layout.value, choice.value.first, map).map((p) => <span key={p.key} class={`label at-${p.anchor}${p.key === "CN" ? " home" : ""}`} style={{ "--x": p.x.toFixed(1), "--y": p.y.toFixed(1) }}>{p.name}</span>)}
      {map === "file" && map_approval !== "" ? <span class="approval" data-label>{map_approval}</span> : null}
    </div>
  );
}
