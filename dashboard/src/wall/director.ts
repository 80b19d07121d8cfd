// What the director chose: the layers of steer.ts and the keys. A key of an operator's browser goes to all screens of the wall, by the
// server; any other's to the windows of this browser that show the wall (BroadcastChannel), and a reload keeps it for the session.
import { effect, signal } from "@preact/signals";
import { type Change, changeWall, operator, walls } from "../shared/walls";
import { screen } from "./screen";
import { type Currency, settings, settingsOf } from "./settings";
import type { Panel } from "./stage";
import { askedOf, changeOf, type Kept, Layers, partOf, restAt, type Screen } from "./steer";

export type Motion = "full" | "calm" | "off";
/** What is on the stage: all of it, the number alone, the number above the world. */
export type Scene = "all" | "number" | "world";

export interface Choice {
  scene: Scene;
  celebrate: boolean;
  /** Rests on the newest official number at that moment, on this wall only; all screens of the house: `festival hold`. */
  frozen: boolean;
  motion: Motion;
  /** The language that comes first. */
  first: "zh" | "en";
  /** The mobile share by GMV or by orders. */
  share: "gmv" | "orders";
  ranking: "countries" | "provinces";
  /** Of the large number. */
  currency: Currency;
}

const STORE = "festival.wall.layers";
const CHANNEL = "festival.wall";

export const choice = signal<Choice>({ scene: "all", celebrate: true, frozen: false, motion: "full", first: "zh", share: "gmv", ranking: "countries", currency: "CNY" });
/** The list of keys, while it is shown. */
export const help = signal(false);

const oneOf = <T extends string>(asked: string | null, all: readonly T[], otherwise: T): T => all.find((one) => one === asked) ?? otherwise;

/** Part of the wall on this machine: `?screen=left`, `centre` or `right` of three panels; else the whole wall. */
export const panelOf = (search: string): Panel => oneOf<Panel>(new URLSearchParams(search).get("screen"), ["all", "left", "centre", "right"], "all");

/** Which part of the wall a machine drives, and of which window. */
export interface Place {
  panel: Panel;
  window: string | undefined;
}

/** The address goes before the settings. */
export function placeOf(search: string, own: Screen | undefined): Place {
  const query = new URLSearchParams(search);
  const asked = panelOf(search);
  return { panel: asked === "all" && query.get("screen") !== "all" ? own?.panel ?? asked : asked, window: query.get("window") ?? (own?.window || undefined) };
}

/** The choice that an address asks for; a machine that asks for less motion gets none unless the address says otherwise. */
export function choiceOf(search: string, reduced: boolean): Choice {
  const query = new URLSearchParams(search);
  return {
    scene: oneOf<Scene>(query.get("scene") ?? query.get("screen"), ["all", "number", "world"], "all"),
    celebrate: query.get("celebrate") !== "off",
    frozen: false,
    motion: oneOf<Motion>(query.get("motion"), ["full", "calm", "off"], reduced ? "off" : "full"),
    first: oneOf(query.get("lang"), ["zh", "en"] as const, "zh"),
    share: oneOf(query.get("share"), ["gmv", "orders"] as const, "gmv"),
    ranking: oneOf(query.get("ranking"), ["countries", "provinces"] as const, "countries"),
    currency: settingsOf(settings.value, search).currency,
  };
}

const NEXT_MOTION: Record<Motion, Motion> = { full: "calm", calm: "off", off: "full" };

/** What a key does to the choice; null for a key without a meaning. */
export function press(key: string, now: Choice): Choice | null {
  switch (key.toLowerCase()) {
    case "1": return { ...now, scene: "all" };
    case "2": return { ...now, scene: "number" };
    case "3": return { ...now, scene: "world" };
    case "c": return { ...now, celebrate: !now.celebrate };
    case "f": return { ...now, frozen: !now.frozen };
    case "m": return { ...now, motion: NEXT_MOTION[now.motion] };
    case "l": return { ...now, first: now.first === "zh" ? "en" : "zh" };
    case "g": return { ...now, share: now.share === "gmv" ? "orders" : "gmv" };
    case "r": return { ...now, ranking: now.ranking === "countries" ? "provinces" : "countries" };
    case "d": return { ...now, currency: now.currency === "CNY" ? "USD" : "CNY" };
    default: return null;
  }
}

/** What a key is recorded by where nobody has given a name on this machine. */
const NOBODY = "wall keys";

/** Takes the first choice and listens to keys, to the other windows and to the server, for as long as the page lives. A replay hears only replays. */
export function direct(search: string, reduced: boolean, replay = false): void {
  const channel = new BroadcastChannel(replay ? `${CHANNEL}.replay` : CHANNEL);
  const layers = new Layers(choice.value, askedOf(search, reduced, choiceOf(search, reduced)), replay ? NOTHING : stored());
  const show = (): void => {
    set(layers.choice);
    if (!replay) keep(layers.kept);
  };
  const here = (keys: Partial<Choice>): void => {
    layers.kept = { ...layers.kept, keys };
    show();
  };
  effect(() => {
    const own = screen.value?.screen;
    const said = walls.value?.walls;
    layers.screen = { currency: settings.value.currency, ...(own === undefined ? {} : partOf(own)) };
    const state = said?.[own?.wall ?? "main"];
    if (state !== undefined) layers.direct(state);
    restAt.value = state?.frozen == null ? null : Date.parse(state.frozen);
    show();
  });
  channel.addEventListener("message", (event: MessageEvent<Partial<Choice>>) => here(event.data));
  const spread = (): void => {
    show();
    channel.postMessage(layers.kept.keys); // oxlint-disable-line unicorn/require-post-message-target-origin -- a channel has none
  };
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
    if (event.key === "?" || event.key === "Escape") help.value = event.key === "?" && !help.value;
    const now = { ...choice.value, frozen: choice.value.frozen || restAt.value !== null };
    const next = press(event.key, now);
    if (next === null) return;
    const sent = toAll(changeOf(now, next));
    if (next.frozen === now.frozen) {
      layers.press(now, next);
      spread();
    } else { // all screens rest on one second, which the server says; without it this browser's rest by themselves
      void sent.then((ok) => {
        here({ ...layers.kept.keys, frozen: ok ? false : next.frozen });
        spread();
      });
    }
  });
}

/** A key of an operator's browser changes all screens of the wall; false where it is one of this browser alone. */
async function toAll(change: Change): Promise<boolean> {
  const mine = screen.value;
  if (mine?.operator !== true) return false;
  return (await changeWall(mine.screen.wall, operator() || NOBODY, change)).ok;
}

function set(next: Choice): void {
  choice.value = next;
  document.documentElement.dataset.motion = next.motion;
  document.documentElement.dataset.first = next.first;
}

const NOTHING: Kept = { keys: {}, remote: null };

function stored(): Kept {
  try {
    return { ...NOTHING, ...(JSON.parse(sessionStorage.getItem(STORE) ?? "{}") as Partial<Kept>) };
  } catch {
    return NOTHING; // a locked-down kiosk profile
  }
}

function keep(kept: Kept): void {
  try {
    sessionStorage.setItem(STORE, JSON.stringify(kept));
  } catch {
    // the choice then lasts as long as the page
  }
}
