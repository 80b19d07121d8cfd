import type { RefObject } from "preact";
import { Beams } from "./beams";
import { Header } from "./header";
import { Hero } from "./hero";
import { Labels } from "./labels";
import { Countdown, Milestone } from "./overlays";
import { CurveTitle, Gauge, Legend, Ranking, Rates } from "./panels";
import { celebration, newest, settled, truth } from "./store";

/** The elements that the engine draws into. */
export interface Parts {
  figure: RefObject<HTMLDivElement | null>;
  digits: RefObject<HTMLSpanElement | null>;
  lights: RefObject<HTMLCanvasElement | null>;
  curve: RefObject<HTMLCanvasElement | null>;
  ripple: RefObject<HTMLElement | null>;
  embers: RefObject<HTMLCanvasElement | null>;
}

/** Which picture the wall shows: waiting, countdown, festival or milestone. */
function scene(): string {
  if (newest.value === null) return "waiting";
  if (newest.value.phase === "before") return "countdown-on";
  return celebration.value === null ? "open" : "celebrating";
}

export function App({ parts }: { parts: Parts }) {
  const rehearsal = newest.value?.rehearsal === true;
  const first = settled.value === null ? " first" : "";
  return (
    <div class={`wall ${scene()}${first}${truth.value?.faded ? " faded" : ""}`}>
      <div class="ground" />
      {rehearsal ? <div class="hatch" aria-hidden="true" /> : null}
      <div class="stage">
        <Beams />
        <div class="land" aria-hidden="true" />
        <canvas class="lights" ref={parts.lights} aria-hidden="true" />
        <Labels />
        <Header />
        <main>
          <Hero figure={parts.figure} digits={parts.digits} />
          <div class="evidence">
            <Legend />
            <Rates />
            <Gauge />
            <section class="curve">
              <CurveTitle />
              <canvas ref={parts.curve} role="img" aria-label="Cumulative GMV 累计成交额" />
              <i class="ripple" ref={parts.ripple} aria-hidden="true" />
            </section>
            <Ranking />
          </div>
          <canvas class="embers" ref={parts.embers} aria-hidden="true" />
          <Countdown />
          <Milestone />
        </main>
      </div>
    </div>
  );
}
