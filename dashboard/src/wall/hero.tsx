import type { RefObject } from "preact";
import { AfterClose } from "../shared/afterclose";
import { At } from "../shared/figure";
import { chinese, english, growth, yuan } from "../shared/format";
import { text } from "../shared/i18n";
import { reachesTo } from "../shared/truth";
import { Both, order, Pair } from "./header";
import { clock, currency, currentWindow, fen, festival, minor, newest, reference, revised, settled, truth, windowFen } from "./store";
import { referenceAt } from "./curve";

const PATHS = { CNY: "total.gmv_fen", USD: "total.gmv_usd_cents" } as const;

/** The number. Its digits are drawn by the engine into `digits`; `figure` carries data-value, empty until there are digits. */
export function Hero({ figure, digits }: { figure: RefObject<HTMLDivElement | null>; digits: RefObject<HTMLSpanElement | null> }) {
  const state = truth.value;
  const asOf = state !== null && state.asOf !== null && (state.faded || ["lost", "frozen", "stale"].includes(state.state));
  return (
    <section class="hero">
      <h1 class="hero-label">
        <Both k={settled.value?.certainty === "final" ? "gmv.final" : "gmv.total"} />
        {asOf ? <Both className="both as-of" k="truth.asOf" params={{ time: <At ms={state.asOf} /> }} /> : null}
        {revised.value ? <Both className="both as-of" k="truth.revised" /> : null}
      </h1>
      <div class="figure-line">
        <div class={`figure${revised.value ? " revised" : ""}`} ref={figure} data-figure={PATHS[currency.value]} data-value="" role="img">
          <span class="sign" aria-hidden="true">
            <span class="yen">{currency.value === "USD" ? "$" : "¥"}</span>
            {newest.value !== null && !newest.value.complete ? <Both className="at-least" k="truth.atLeast" /> : null}
          </span>
          <span class="digits" ref={digits} aria-hidden="true" />
        </div>
      </div>
      <SubLine />
    </section>
  );
}

/** 亿 figure, growth, pace: all of it follows the shown figure, never the newest frame. The second language smaller below. */
function SubLine() {
  if (settled.value === null) return <p class="sub" />;
  const [first, second] = order();
  return (
    <div class="sub">
      {first === "zh" ? <Zh /> : <En />}
      <p class="sub-alt">{second === "zh" ? <Zh /> : <En />}</p>
      {settled.value.total.after_close > 0 ? <p class="after-close"><Pair zh={<AfterClose frame={settled.value} language="zh" />} en={<AfterClose frame={settled.value} language="en" />} /></p> : null}
    </div>
  );
}

function Zh() {
  const shown = chinese(fen.value);
  const pace = settled.value?.phase === "closed" ? null : settled.value?.rate?.gmv_fen_per_s ?? null;
  return (
    <span class="line" lang="zh-CN">
      {currency.value === "USD" ? <Dollars /> : null}
      <span class="part"><span data-figure="total.gmv_fen" data-value={shown.value}><b>{shown.text}</b> {shown.unit}元</span></span>
      <Growth />
      {pace === null ? null : <span class="part">{text("zh", "gmv.sub.second")} <span data-figure="rate.gmv_fen_per_s" data-value={yuan(pace).value}><b>¥{yuan(pace).text}</b></span></span>}
    </span>
  );
}

function En() {
  const pace = settled.value?.phase === "closed" ? null : settled.value?.rate?.gmv_fen_per_s ?? null;
  return (
    <span class="line" lang="en">
      {currency.value === "USD" ? <Dollars en /> : null}
      <span class="part"><span data-figure="total.gmv_fen" data-value={english(fen.value).value}><b>{english(fen.value).text}</b></span></span>
      <Growth en />
      {pace === null ? null : <span class="part"><span data-figure="rate.gmv_fen_per_s" data-value={english(pace).value}><b>{english(pace).text}</b></span> {text("en", "gmv.sub.second")}</span>}
    </span>
  );
}

/** Large dollars in words, before the yuan: 亿 is 10^8, a billion 10^9. */
function Dollars({ en = false }: { en?: boolean }) {
  const shown = en ? english(minor.value, "USD") : chinese(minor.value);
  return <span class="part"><span data-figure="total.gmv_usd_cents" data-value={shown.value}><b>{shown.text}</b>{en ? null : <> {chinese(minor.value).unit}美元</>}</span></span>;
}

function Growth({ en = false }: { en?: boolean }) {
  const f = festival.value;
  const frame = settled.value;
  const window = currentWindow(f, frame, clock.value);
  if (f === null || frame === null || window === null) return null;
  // A frame of second S holds what was paid before S: the reference through second S - start - 1.
  // Late data is compared with the moment that it reaches to; else the lead would melt while only the line is slow.
  const end = Math.min(frame.phase === "open" ? reachesTo(frame) : Date.parse(frame.second), Date.parse(window.end));
  const then = referenceAt(reference.value, Math.floor((end - Date.parse(window.start)) / 1000) - 1);
  if (then === null || then <= 0) return null;
  const shown = growth(windowFen(f, frame, window), then);
  if (en) return <span class="part"><b class="grow" data-figure="reference.growth" data-value={shown.value}>{shown.text}</b> {text("en", "gmv.sub.same")}</span>;
  return <span class="part">{text("zh", "gmv.sub.same")} <b class="grow" data-figure="reference.growth" data-value={shown.value}>{shown.text}</b></span>;
}
