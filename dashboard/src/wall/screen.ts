// The screen's settings in festival.yaml, by the name in the page's address (`?screen=NAME`); asked for at the start and when the
// stream says that they have changed. The number never waits for them: a screen that nobody knows shows the page's own.
import { batch, signal } from "@preact/signals";
import { get } from "../shared/api";
import { type Walls, walls } from "../shared/walls";
import { type Settings, settings, settingsOf } from "./settings";
import type { Screen } from "./steer";

const STORE = "festival.wall.screen";
/** Words that `?screen=` means something by itself for. */
const BUILT = new Set(["all", "left", "centre", "right", "number", "world"]);

export interface WallSettings extends Settings {
  /** Another one: ask again. */
  settings: string;
  screen: Screen;
  broadcast_delay_ms: number;
  /** Whether this browser may change the walls. */
  operator: boolean;
}

/** The newest answer; null before the first, and of a server without the route. */
export const screen = signal<WallSettings | null>(null);

/** The screen's settings, or those of the last time where no answer has come yet. */
export function ownScreen(search: string): Screen | undefined {
  if (screen.value !== null) return screen.value.screen;
  try {
    return JSON.parse(sessionStorage.getItem(STORE + search) ?? "null") as Screen ?? undefined;
  } catch {
    return undefined;
  }
}

/** The path of the settings of the screen that the address names. */
export function wallPath(search: string): string {
  const name = new URLSearchParams(search).get("screen") ?? "";
  return name === "" || BUILT.has(name) ? "/api/v1/wall" : `/api/v1/wall?${new URLSearchParams({ screen: name })}`;
}

/** Asks for the settings; a name that the server does not know gives those without one. */
export async function loadScreen(search: string): Promise<void> {
  const named = await get<WallSettings>(wallPath(search));
  const answer = !named.ok && (named.status === 404 || named.status === 400) ? await get<WallSettings>("/api/v1/wall") : named;
  if (!answer.ok) return;
  batch(() => {
    screen.value = answer.data;
    settings.value = settingsOf(answer.data, search);
  });
  try {
    sessionStorage.setItem(STORE + search, JSON.stringify(answer.data.screen));
  } catch {
    // a locked-down kiosk profile: the next start waits for the answer
  }
}

/** Takes what the stream says of the walls; other settings than the known ones are asked for. */
export function told(said: Walls): void {
  walls.value = said;
  const known = screen.value;
  if (known === null || known.settings !== said.settings) void loadScreen(location.search);
}
