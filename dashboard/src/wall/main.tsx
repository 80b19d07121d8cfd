// The wall: wires stream, player, panels and canvases. In: official frames. Out: one picture, sixty times a second.
import "../shared/fonts.css";
import "./wall.css";
import { createRef, render } from "preact";
import { App, type Parts } from "./app";
import { Engine } from "./engine";
import { loadFestival, loadReplay, loadSettings } from "./load";
import { direct, panelOf } from "./director";
import { replayOf } from "./replay";

const IDLE_MS = 3000;
const parts: Parts = { figure: createRef(), digits: createRef(), lights: createRef(), curve: createRef(), ripple: createRef(), embers: createRef() };

/** Fonts first, so that nothing jumps; but a wall without its fonts is better than no wall. */
async function fonts(): Promise<void> {
  const wanted = ["720 190px 'Archivo Variable'", "600 30px 'Noto Sans SC Variable'"].map((font) => document.fonts.load(font, "0,123 亿总成交额"));
  await Promise.race([Promise.allSettled(wanted), new Promise((done) => setTimeout(done, 1500))]);
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
  const panel = panelOf(location.search);
  if (asked !== null) {
    const [playing] = await Promise.all([loadReplay(asked), fonts()]);
    if (playing === null) return;
    const engine = new Engine(parts, panel, undefined, playing);
    playing.start(engine);
    engine.start();
    return;
  }
  await fonts();
  const engine = new Engine(parts, panel, new URLSearchParams(location.search).get("window") ?? undefined);
  engine.start();
  void loadFestival(engine);
  void loadSettings();
}

const root = document.getElementById("app");
if (root !== null) void start(root);
