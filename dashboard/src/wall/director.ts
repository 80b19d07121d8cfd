// What the director chose, by address or by key. Every window of this browser that shows the wall follows the same choice
// (BroadcastChannel), and a reload keeps it for the session.
import { signal } from "@preact/signals";
import type { Currency } from "./settings";
import { settings, settingsOf } from "./settings";
import type { Panel } from "./stage";

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

const STORE = "festival.wall.choice";
const CHANNEL = "festival.wall";

export const choice = signal<Choice>({ scene: "all", celebrate: true, frozen: false, motion: "full", first: "zh", share: "gmv", ranking: "countries", currency: "CNY" });
/** The list of keys, while it is shown. */
export const help = signal(false);

const oneOf = <T extends string>(asked: string | null, all: readonly T[], otherwise: T): T => all.find((one) => one === asked) ?? otherwise;

/** Part of the wall on this machine: `?screen=left`, `centre` or `right` of three panels; else the whole wall. */
export const panelOf = (search: string): Panel => oneOf<Panel>(new URLSearchParams(search).get("screen"), ["all", "left", "centre", "right"], "all");

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

/** Takes the first choice and listens to keys and to the other windows, for as long as the page lives. A replay hears only replays. */
export function direct(search: string, reduced: boolean, replay = false): void {
  const channel = new BroadcastChannel(replay ? `${CHANNEL}.replay` : CHANNEL);
  set({ ...choiceOf(search, reduced), ...(replay ? {} : stored()) });
  channel.addEventListener("message", (event: MessageEvent<Choice>) => set(event.data));
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === "?" || event.key === "Escape") help.value = event.key === "?" && !help.value;
    const next = press(event.key, choice.value);
    if (next === null) return;
    set(next);
    channel.postMessage(next); // oxlint-disable-line unicorn/require-post-message-target-origin -- a channel has none
    keep(next);
  });
}

/** Takes up what the wall's settings say and the address does not; a director's later choice stays. */
export function follow(search: string): void {
  const { currency } = settingsOf(settings.value, search);
  if (stored().currency === undefined && choice.value.currency !== currency) set({ ...choice.value, currency });
}

function set(next: Choice): void {
  choice.value = next;
  document.documentElement.dataset.motion = next.motion;
  document.documentElement.dataset.first = next.first;
}

function stored(): Partial<Choice> {
  try {
    return JSON.parse(sessionStorage.getItem(STORE) ?? "{}") as Partial<Choice>;
  } catch {
    return {}; // a locked-down kiosk profile
  }
}

function keep(next: Choice): void {
  try {
    sessionStorage.setItem(STORE, JSON.stringify(next));
  } catch {
    // the choice then lasts as long as the page
  }
}
