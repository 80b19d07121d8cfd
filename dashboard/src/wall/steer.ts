// What is on the screen, in layers: the page's own, the screen's settings in festival.yaml, what directors have set on the whole
// wall, the page's address, and what was pressed here. A later layer goes before; what directors set anew goes before an older
// key of here.
import { signal } from "@preact/signals";
import type { Frame } from "../shared/types";
import type { Change, Look, WallState } from "../shared/walls";
import type { Choice } from "./director";

/** A screen's settings (GET /api/v1/wall); what is empty is the page's own. */
export interface Screen extends Look {
  name: string;
  wall: string;
  panel: "all" | "left" | "centre" | "right";
  window: string;
}

type Part = Partial<Choice>;

/** What a reload keeps: keys of here, and what directors had set when they were last heard. */
export interface Kept {
  keys: Part;
  remote: Part | null;
}

export class Layers {
  screen: Part = {};

  constructor(private readonly own: Choice, private readonly address: Part, public kept: Kept) {}

  /** What to show now. */
  get choice(): Choice {
    return { ...this.own, ...this.screen, ...this.kept.remote, ...this.address, ...this.kept.keys };
  }

  /** Takes what directors have set on this wall. What is new goes before a key of here, but where the address says otherwise. */
  direct(state: WallState): void {
    const keys = { ...this.kept.keys };
    const [old, remote] = [this.kept.remote, partOf(state)];
    for (const key of Object.keys({ ...old, ...remote }) as (keyof Choice)[]) {
      if (old !== null && old[key] !== remote[key] && !(key in this.address)) delete keys[key];
    }
    this.kept = { keys, remote };
  }

  /** Takes what a key changes as one of here. */
  press(from: Choice, to: Choice): void {
    this.kept = { ...this.kept, keys: { ...this.kept.keys, ...difference(from, to) } };
  }
}

/** The second on which all screens of this wall rest, Unix ms; null while they go on. */
export const restAt = signal<number | null>(null);

/** The part of a choice that a look sets. */
export function partOf(look: Look): Part {
  const part: Part = {};
  if (look.scene !== "") part.scene = look.scene;
  if (look.celebrate !== "") part.celebrate = look.celebrate === "on";
  if (look.motion !== "") part.motion = look.motion;
  if (look.language !== "") part.first = look.language;
  if (look.share !== "") part.share = look.share;
  if (look.ranking !== "") part.ranking = look.ranking;
  if (look.currency !== "") part.currency = look.currency;
  return part;
}

/** What a key changes, for all screens of the wall. */
export function changeOf(from: Choice, to: Choice): Change {
  const part = difference(from, to);
  const change: Change = {};
  if (part.scene !== undefined) change.scene = part.scene;
  if (part.celebrate !== undefined) change.celebrate = part.celebrate ? "on" : "off";
  if (part.motion !== undefined) change.motion = part.motion;
  if (part.first !== undefined) change.language = part.first;
  if (part.share !== undefined) change.share = part.share;
  if (part.ranking !== undefined) change.ranking = part.ranking;
  if (part.currency !== undefined) change.currency = part.currency;
  if (part.frozen !== undefined) change.frozen = part.frozen ? "on" : "off";
  return change;
}

function difference(from: Choice, to: Choice): Part {
  return Object.fromEntries(Object.entries(to).filter(([key, value]) => from[key as keyof Choice] !== value));
}

/** The part of a choice that the page's address asks for, of the whole that it comes to; `reduced` asks for no motion. */
export function askedOf(search: string, reduced: boolean, whole: Choice): Part {
  const query = new URLSearchParams(search);
  const asked: Part = {};
  if (query.has("scene") || ["number", "world"].includes(query.get("screen") ?? "")) asked.scene = whole.scene;
  if (query.has("celebrate")) asked.celebrate = whole.celebrate;
  if (query.has("motion") || reduced) asked.motion = whole.motion;
  if (query.has("lang")) asked.first = whole.first;
  if (query.has("share")) asked.share = whole.share;
  if (query.has("ranking")) asked.ranking = whole.ranking;
  if (query.has("currency")) asked.currency = whole.currency;
  return asked;
}

/** A frame as a wall that rests on a second shows it: later ones bear it, as those of a held number do. */
export function rested(frame: Frame, at: number | null): Frame {
  if (at === null || frame.frozen !== null || Date.parse(frame.second) <= at) return frame;
  const second = new Date(at).toISOString();
  return { ...frame, frozen: { second, reason: "", since: second } };
}
