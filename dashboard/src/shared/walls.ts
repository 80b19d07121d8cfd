// The walls' remote (CONTRACT.md §4, GET and POST /api/v1/wall): what directors set on all screens of a wall, over what each
// screen has by itself. The stream tells it as the event `wall`.
import { signal } from "@preact/signals";
import { type Answer, get } from "./api";

/** Fields with their values, the default first. */
export const FIELDS = {
  scene: ["all", "number", "world"],
  celebrate: ["on", "off"],
  motion: ["full", "calm", "off"],
  language: ["zh", "en"],
  share: ["gmv", "orders"],
  ranking: ["countries", "provinces"],
  currency: ["CNY", "USD"],
} as const;

export type Field = keyof typeof FIELDS;
/** A value for each field; empty where nothing is set. */
export type Look = { [F in Field]: "" | (typeof FIELDS)[F][number] };

export interface WallState extends Look {
  /** The second on whose official frame the wall's screens rest, RFC 3339. */
  frozen: string | null;
  by: string;
  at: string | null;
}

/** The event `wall`. */
export interface Walls {
  /** Another one: the settings in festival.yaml have changed. */
  settings: string;
  walls: Record<string, WallState>;
}

/** What the stream said last; null before it said anything. */
export const walls = signal<Walls | null>(null);

/** New values by field; an empty one gives the field back to each screen; frozen is on or off. */
export type Change = Partial<Record<Field | "frozen", string>>;

/** Changes all screens of a wall; appended as a record with who asked. */
export const changeWall = (wall: string, by: string, change: Change): Promise<Answer<{ wall: string; state: WallState }>> => get("/api/v1/wall", "POST", { wall, by, change });

const STORE = "festival.operator";

/** The name that was given last on this machine. */
export function operator(): string {
  try {
    return localStorage.getItem(STORE) ?? "";
  } catch {
    return "";
  }
}

export function remember(by: string): void {
  try {
    localStorage.setItem(STORE, by);
  } catch {
    // it is asked for again
  }
}
