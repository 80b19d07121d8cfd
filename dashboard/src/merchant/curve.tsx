import { effect } from "@preact/signals";
import type uPlot from "uplot";
import { useEffect, useRef } from "preact/hooks";
import { buckets, type ChartData, cumulative, makeChart } from "../shared/chart";
import { locale, t } from "../shared/i18n";
import { clock, festival, zone } from "../shared/session";
import { mode, points } from "./store";
import { theme } from "./theme";

/** Height of the chart: what the window leaves, within bounds. */
const [LOWEST, HIGHEST, BELOW] = [300, 560, 64];
const MINUTE = 60;

/** The own curve: steps by minute, or cumulative. */
export function MerchantCurve() {
  const host = useRef<HTMLDivElement>(null);
  useEffect(() => (host.current ? run(host.current) : undefined), []);
  return (
    <section class="own-curve">
      <div class="curve-head">
        <h2 class="panel-title">{t("merchant.curve")} <small>{t("merchant.curveNote")}</small></h2>
        <span class="segments" role="group" aria-label={t("merchant.curve")}>
          {(["minute", "total"] as const).map((m) => <button key={m} type="button" aria-pressed={mode.value === m} onClick={() => { mode.value = m; }}>{t(`merchant.step.${m}`)}</button>)}
        </span>
      </div>
      <div class="chart" ref={host} role="img" aria-label={t("merchant.curve")} />
    </section>
  );
}

function run(host: HTMLElement): () => void {
  let plot: uPlot | null = null;
  let made = "";
  const draw = (): void => {
    const style = getComputedStyle(document.documentElement);
    const key = [locale.value, zone.value.timeZone, host.clientWidth, mode.value, theme.value].join(" ");
    if (key !== made) {
      plot?.destroy();
      made = key;
      plot = makeChart(host, Math.max(LOWEST, Math.min(HIGHEST, innerHeight - host.getBoundingClientRect().top - scrollY - BELOW)), zone.value.timeZone, [{
        label: t("merchant.curve"), color: style.getPropertyValue("--curve").trim(), fill: "rgba(196,122,8,.22)", stepped: mode.value === "minute", width: mode.value === "minute" ? 1.6 : 2.6,
      }], range, () => null);
    }
    plot?.setData(data());
  };
  const stop = effect(() => {
    void [points.value, festival.value, mode.value, locale.value, theme.value, Math.floor(clock.value / 60_000)];
    draw();
  });
  const watch = new ResizeObserver(draw);
  watch.observe(host);
  return () => { stop(); watch.disconnect(); plot?.destroy(); };
}

function span(): [start: number, end: number] {
  const windows = festival.value?.windows ?? [];
  const first = windows[0];
  const last = windows[windows.length - 1];
  if (first === undefined || last === undefined) return [0, MINUTE];
  return [Date.parse(first.start) / 1000, Date.parse(last.end) / 1000];
}

/** From the start to now, at least a quarter of an hour, never past the end. */
function range(): [number, number] {
  const [start, end] = span();
  const now = clock.value / 1000;
  return [Math.floor(start / MINUTE) * MINUTE, Math.min(end, Math.max(start + 900, now + Math.max(60, (now - start) * 0.03)))];
}

function data(): ChartData {
  const [start] = span();
  const running = Math.floor(clock.value / 1000 / MINUTE) * MINUTE;
  // The running minute is left out: a chart that ends in a falling part-minute says what is not so.
  const whole = (points.value ?? []).filter((p) => p.t < running);
  if (mode.value === "total") return cumulative(whole, start, MINUTE);
  const [times, fen] = buckets(whole, start, running, MINUTE);
  const last = times[times.length - 1];
  return last === undefined ? [[], []] : [[...times, last + MINUTE], [...fen, fen[fen.length - 1] ?? 0]]; // a step lasts its minute
}
