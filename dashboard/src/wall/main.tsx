// The wall: wires stream, player, panels and canvases. In: official frames. Out: one picture, sixty times a second.
import "../shared/fonts.css";
import "./wall.css";
import { createRef, render } from "preact";
import { App, type Parts } from "./app";
import { Engine } from "./engine";
import { loadFestival, loadReplay } from "./load";
import { direct, panelOf, placeOf } from "./director";
import { replayOf } from "./replay";
import { loadScreen, ownScreen, screen } from "./screen";

const IDLE_MS = 3000;
/** The first number waits no longer than this for the settings. */
const SETTINGS_MS = 400;
const FONT_MS = 600;
const parts: Parts = { figure: createRef(), digits: createRef(), lights: createRef(), curve: createRef(), ripple: createRef(), embers: createRef() };

/** The digits' font first, so that the number does not jump; but a wall without it is better than no wall. Labels take theirs as it comes. */
async function fonts(): Promise<void> {
  const digits = document.fonts.load("720 190px 'Archivo Variable'", "0,123");
  await Promise.race([digits.catch(() => {}), new Promise((done) => setTimeout(done, FONT_MS))]);
}

/** No pointer on the picture, but whoever moves the mouse sees it. */
function hideIdleCursor(): void {
  let timer = 0;
  const moved = (): void => {
    document.documentElement.classList.remove("idle");
    clearTimeout(timer);
    timer = window.setTimeout(() => document.documentElement.classList.add("idle"), IDLE_MS);
  };
  addEventListener("mousemove", moved);
  moved();
}

async function start(root: HTMLElement): Promise<void> {
  const asked = replayOf(location.search);
  direct(location.search, matchMedia("(prefers-reduced-motion: reduce)").matches, asked !== null);
  render(<App parts={parts} />, root);
  hideIdleCursor();
  if (asked !== null) {
    const [playing] = await Promise.all([loadReplay(asked), fonts()]);
    if (playing === null) return;
    const engine = new Engine(parts, panelOf(location.search), undefined, playing);
    playing.start(engine);
    engine.start();
    return;
  }
  await Promise.all([fonts(), Promise.race([loadScreen(location.search), new Promise((done) => setTimeout(done, SETTINGS_MS))])]);
  const { panel, window } = placeOf(location.search, ownScreen(location.search));
  const engine = new Engine(parts, panel, window);
  screen.subscribe((now) => { // another panel or window is another page
    const place = placeOf(location.search, now?.screen);
    if (now !== null && (place.panel !== panel || place.window !== window)) location.reload();
  });
  engine.start();
  void loadFestival(engine);
}

const root = document.getElementById("app");
if (root !== null) void start(root);
