import type { RefObject } from "preact";
import { Beams } from "./beams";
import { choice } from "./director";
import { Header } from "./header";
import { Hero } from "./hero";
import { Labels } from "./labels";
import { Countdown, Help, Milestone, secondsLeft } from "./overlays";
import { NextMilestone, Passed, Rates } from "./pace";
import { CurveTitle, Gauge, Legend, Ranking } from "./panels";
import { celebration, clock, currentWindow, curveReady, festival, layout, newest, settled, truth } from "./store";

/** The elements that the engine draws into. */
export interface Parts {
  figure: RefObject<HTMLDivElement | null>;
  digits: RefObject<HTMLSpanElement | null>;
  lights: RefObject<HTMLCanvasElement | null>;
  curve: RefObject<HTMLCanvasElement | null>;
  ripple: RefObject<HTMLElement | null>;
  embers: RefObject<HTMLCanvasElement | null>;
}

/** The beams rise for this long after a window opens. */
const OPENING_MS = 3000;
/** In the last seconds of a countdown one beam after the other brightens. */
const LAST_SECONDS = 10;

/** Which picture the wall shows. */
function scene(): string {
  if (newest.value === null) return "waiting";
  if (secondsLeft() !== null) return "countdown-on";
  if (celebration.value !== null) return "celebrating";
  const w = currentWindow(festival.value, newest.value, clock.value);
  const opened = w === null ? OPENING_MS : clock.value - Date.parse(w.start);
  return opened >= 0 && opened < OPENING_MS ? "open opening" : "open";
}

/** The beam that is lit in this second of the countdown, 1 to 4; 0 for none. */
function lit(): number {
  const left = secondsLeft();
  return left === null || left > LAST_SECONDS || left === 0 ? 0 : 4 - ((left - 1) % 4);
}

export function App({ parts }: { parts: Parts }) {
  const rehearsal = newest.value?.rehearsal === true;
  const { kind } = layout.value;
  const final = settled.value?.certainty === "final" ? " is-final" : "";
  const classes = `wall ${kind} ${scene()} scene-${choice.value.scene}${settled.value === null ? " first" : ""}${truth.value?.faded ? " faded" : ""}${final}`;
  return (
    <div class={classes}>
      <div class="ground" />
      {rehearsal ? <div class="hatch" aria-hidden="true" /> : null}
      <div class="stage">
        <Beams lit={lit()} />
        <div class="land" aria-hidden="true" />
        <canvas class="lights" ref={parts.lights} aria-hidden="true" />
        <Labels />
        <Header />
        <main>
          <Hero figure={parts.figure} digits={parts.digits} />
          <div class="evidence">
            <Legend />
            <Rates />
            <NextMilestone />
            <Gauge />
            <section class={curveReady.value ? "curve drawn" : "curve"}>
              <CurveTitle />
              <canvas ref={parts.curve} role="img" aria-label="Cumulative GMV 累计成交额" />
              <i class="ripple" ref={parts.ripple} aria-hidden="true" />
            </section>
            <Ranking />
            {kind === "ultra" ? <Passed /> : null}
          </div>
          <canvas class="embers" ref={parts.embers} aria-hidden="true" />
          <Countdown />
          <Milestone />
          <Help />
        </main>
      </div>
    </div>
  );
}
