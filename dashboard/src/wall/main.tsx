// The wall: wires stream, player, panels and canvases. In: official frames. Out: one picture, sixty times a second.
import "../shared/fonts.css";
import "./wall.css";
import { createRef, render } from "preact";
import { App, type Parts } from "./app";
import { Engine } from "./engine";
import { loadFestival } from "./load";
import { direct, panelOf } from "./director";

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
  direct(location.search, matchMedia("(prefers-reduced-motion: reduce)").matches);
  render(<App parts={parts} />, root);
  hideIdleCursor();
  await fonts();
  const engine = new Engine(parts, panelOf(location.search), new URLSearchParams(location.search).get("window") ?? undefined);
  engine.start();
  void loadFestival(engine);
}

const root = document.getElementById("app");
if (root !== null) void start(root);
