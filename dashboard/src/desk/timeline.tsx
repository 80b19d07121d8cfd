import { effect } from "@preact/signals";
import type uPlot from "uplot";
import { useEffect, useRef } from "preact/hooks";
import { bridge, type ChartData, cumulative, makeChart } from "../shared/chart";
import { locale, t } from "../shared/i18n";
import { clock, shown, zone } from "../shared/session";
import { currentWindow, pin, pinned, reference, series } from "./store";

const HEIGHT = 190;

/** Cumulative GMV of the window, last festival dashed, the pinned second in violet. A click pins its second. */
export function Timeline() {
  const host = useRef<HTMLDivElement>(null);
  useEffect(() => (host.current ? run(host.current) : undefined), []);
  return (
    <section class="timeline">
      <h2 class="panel-title">{t("desk.timeline")} <small>{t("desk.timelineNote")}</small></h2>
      <div class="chart" ref={host} role="img" aria-label={t("curve.title")} />
    </section>
  );
}

function run(host: HTMLElement): () => void {
  let plot: uPlot | null = null;
  let made = "";
  const draw = (): void => {
    const style = getComputedStyle(document.documentElement);
    const css = (name: string): string => style.getPropertyValue(name).trim();
    const key = `${locale.value} ${zone.value.timeZone} ${host.clientWidth}`;
    if (key !== made) {
      plot?.destroy();
      made = key;
      plot = makeChart(host, HEIGHT, zone.value.timeZone, [
        { label: t("curve.this"), color: css("--curve"), fill: "rgba(196,122,8,.14)" },
        { label: t("curve.last"), color: css("--ink-3"), dashed: true, width: 1.8 },
      ], range, () => (pinned.value === null ? null : pinned.value.asked / 1000));
      plot.over.addEventListener("click", () => pinAtCursor(plot));
    }
    plot?.setData(data());
  };
  const stop = effect(() => {
    void [series.value, reference.value, pinned.value, shown.value?.seq];
    draw();
  });
  const watch = new ResizeObserver(draw);
  watch.observe(host);
  return () => { stop(); watch.disconnect(); plot?.destroy(); };
}

function pinAtCursor(plot: uPlot | null): void {
  const x = plot?.cursor.left;
  if (plot === null || x === undefined || x < 0) return;
  const ms = Math.floor(plot.posToVal(x, "x")) * 1000;
  if (ms <= clock.value) void pin(new Date(ms).toISOString().replace(/\.\d+Z$/, "Z"));
}

/** The whole window once a tenth of it is done, before that a part that grows with it. */
function range(): [number, number] {
  const window = currentWindow();
  if (window === null) return [0, 1];
  const start = Date.parse(window.start) / 1000;
  const end = Date.parse(window.end) / 1000;
  const done = Math.max(0, clock.value / 1000 - start);
  const span = [900, 3600, 4 * 3600].find((s) => done <= s * 0.9) ?? end - start;
  return [start, Math.min(end, start + span)];
}

function data(): ChartData {
  const window = currentWindow();
  const frame = shown.value;
  if (window === null) return [[], [], []];
  const start = Date.parse(window.start) / 1000;
  const [, end] = range();
  const byTime = new Map<number, [number | null, number | null]>();
  const [xs, ys] = cumulative(series.value ?? [], start, 60);
  const now = frame === null ? start : Math.min(Date.parse(frame.second) / 1000, Date.parse(window.end) / 1000);
  const total = frame?.windows.find((w) => w.id === window.id)?.total.gmv_fen ?? frame?.total.gmv_fen ?? 0;
  xs.forEach((x, i) => { if (x <= now && (ys[i] ?? 0) <= total) byTime.set(x, [ys[i] ?? null, null]); });
  if (frame !== null && now > start) byTime.set(now, [total, null]);
  if (reference.value !== null) byTime.set(start, [byTime.get(start)?.[0] ?? null, 0]);
  for (const p of reference.value ?? []) {
    const x = start + p.n + 1;
    byTime.set(x, [byTime.get(x)?.[0] ?? null, p.gmv_fen]);
    if (x > end) break; // one beyond, so that the line reaches the edge
  }
  const times = [...byTime.keys()].sort((a, b) => a - b);
  return [times, bridge(times, times.map((x) => byTime.get(x)?.[0] ?? null)), bridge(times, times.map((x) => byTime.get(x)?.[1] ?? null))];
}
