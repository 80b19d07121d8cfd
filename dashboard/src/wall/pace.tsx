// How fast, and what comes next: orders and payments a second, the next milestone, milestones passed.
import { Fig } from "../shared/figure";
import { duration, english, group, inUnit, money, plain, unitFor } from "../shared/format";
import { Both, order, Pair } from "./header";
import type { FestivalWindow, Frame } from "../shared/types";
import { bars, clock, currentWindow, curveReady, fen, festival, layout, milestones, next, peak, settled, windowFen, zone } from "./store";
import { stillAhead } from "./next";
import { BARS, type Peak } from "./peak";
import type { Key } from "../shared/i18n";

/** A peak that was watched from this soon after the window's start on is the window's peak. */
const FROM_START_MS = 5000;
/** Rows of the list of milestones passed. */
const PASSED = 6;

/** Orders placed a second, with their peak; on an ultra wall the last minute as bars, and payments beside. After the end, what the night came to. */
export function Rates() {
  const w = currentWindow(festival.value, settled.value, clock.value);
  if (settled.value !== null && w !== null && over(settled.value, w)) return <Ended frame={settled.value} window={w} />;
  const rate = settled.value?.rate ?? null;
  const wide = layout.value.kind === "ultra";
  return (
    <section class="rates">
      <div class="rate">
        <h2 class="title"><Both k="rate.orders" /></h2>
        <Rate path="rate.created_per_s" n={rate?.created_per_s ?? null} />
        {wide ? <Bars /> : null}
        <PeakLine />
      </div>
      {wide ? <div class="rate paid"><h2 class="title"><Both k="rate.payments" /></h2><Rate path="rate.orders_per_s" n={rate?.orders_per_s ?? null} /></div> : null}
    </section>
  );
}

/** When nothing comes any more: the night's largest second, where this wall saw it, and how many orders there were. */
function Ended({ frame, window }: { frame: Frame; window: FestivalWindow }) {
  const seen = peak.value;
  const top = seen !== null && of(seen, frame, window) && wholeNight(seen, window) ? seen : null;
  return (
    <>
      <section class="rates ended">
        {top === null ? <Total k="rate.placed" path="total.created" n={frame.total.created} /> : <Top peak={top} />}
      </section>
      <section class="next ended"><Total k="rate.paid" path="total.orders" n={frame.total.orders} /></section>
    </>
  );
}

function Top({ peak: top }: { peak: Peak }) {
  const at = Number.isFinite(top.at) ? <time>{zone.value.clock(top.at)}</time> : null;
  return (
    <div class="rate">
      <h2 class="title"><Both k="rate.top" /></h2>
      <Rate path="rate.created_per_s.peak" n={top.perS} />
      {at === null ? null : <p class="small"><Both k="rate.topAt" params={{ time: at }} /></p>}
    </div>
  );
}

function Total({ k, path, n }: { k: Key; path: string; n: number }) {
  return (
    <div class="rate whole">
      <h2 class="title"><Both k={k} /></h2>
      <p class="kpi" data-figure={path} data-value={n}><b>{group(n)}</b> <span class="unit"><Pair zh="笔" en="orders" /></span></p>
    </div>
  );
}

/** A browser may have kept the peak of another ledger or window. */
const of = (top: Peak, frame: Frame, w: FestivalWindow): boolean => top.ledger === frame.ledger && top.window === w.id;

/** Whether a peak was watched for from the window's start on. */
const wholeNight = (top: Peak, w: FestivalWindow): boolean => top.since - Date.parse(w.start) < FROM_START_MS;

function Rate({ path, n }: { path: string; n: number | null }) {
  const text = n === null ? "–" : group(n);
  return <p class="kpi per" style={{ "--chars": String(text.length) }} data-figure={path} data-value={n ?? ""}><b>{text}</b> <span class="unit"><Pair zh="笔/秒" en="per s" /></span></p>;
}

function Bars() {
  const most = Math.max(1, ...bars.value);
  return <div class="bars" aria-hidden="true">{Array.from({ length: BARS }, (_, i) => <i key={i} style={{ "--bar": String((bars.value[bars.value.length - BARS + i] ?? 0) / most) }} />)}</div>;
}

function PeakLine() {
  const top = peak.value;
  const w = currentWindow(festival.value, settled.value, clock.value);
  if (top === null || w === null || settled.value === null || !of(top, settled.value, w)) return null;
  const n = <Fig path="rate.created_per_s.peak" value={top.perS}>{group(top.perS)}</Fig>;
  return <p class="small">{wholeNight(top, w) ? <Both k="rate.peak" params={{ n }} /> : <Both k="rate.peakSince" params={{ n, time: <time>{zone.value.minute(top.since)}</time> }} />}</p>;
}

/** Nothing comes after a window's end: neither a milestone nor orders of that second. */
const over = (frame: Frame, w: FestivalWindow): boolean => frame.phase === "closed" || Date.parse(frame.second) > Date.parse(w.end);

/** The next milestone, what is missing by the shown figure, when it is expected and how long the last festival took. */
export function NextMilestone() {
  const f = festival.value;
  const frame = settled.value;
  const w = currentWindow(f, frame, clock.value);
  const foreseen = next.value;
  if (f === null || frame === null || w === null || foreseen === null || !curveReady.value || over(frame, w)) return null;
  const now = f.windows.length <= 1 ? fen.value : windowFen(f, frame, w);
  const n = stillAhead(foreseen, now, f);
  if (n === null) return null;
  const goal = money(n.thresholdFen, order()[0]);
  const unit = unitFor(n.thresholdFen);
  const leftFen = Math.max(0, n.thresholdFen - now);
  const left = inUnit(leftFen, unit.fen);
  const leftEn = english(leftFen);
  const expected = n.expectedS === null ? null : zone.value.minute(Date.parse(w.start) + n.expectedS * 1000);
  const words = <Fig path="milestones.next.left_fen" value={left.value}>{left.text}</Fig>;
  return (
    <section class="next">
      <h2 class="title"><Both k="next.title" /></h2>
      <p class="kpi" data-figure="milestones.next.threshold_fen" data-value={n.thresholdFen}><b>{plain(goal.text)}<small>{goal.unit}</small></b></p>
      <div class="progress" style={{ "--bar": String(Math.min(1, now / n.thresholdFen)) }}><i /></div>
      <p class="small"><Pair zh={<>还差 {words} {unit.zh}</>} en={<><Fig path="milestones.next.left_fen" value={leftEn.value}>{leftEn.text}</Fig> to go</>} /></p>
      {expected === null ? null : <p class="small"><Both k="next.expected" params={{ time: <time>{expected}</time> }} /></p>}
      {n.lastS === null ? null : <p class="small"><Both k="next.last" params={{ time: <Fig path="milestones.next.reference_since_start_s" value={n.lastS}>{duration(n.lastS)}</Fig> }} /></p>}
    </section>
  );
}

/** Milestones of this window that were passed, newest first, with the time that they took. */
export function Passed() {
  const w = currentWindow(festival.value, settled.value, clock.value);
  const most = settled.value === null || festival.value === null || w === null ? 0 : windowFen(festival.value, settled.value, w);
  const rows = (milestones.value ?? []).filter((m) => m.window === w?.id && m.since_start_s !== null && m.threshold_fen <= most).sort((a, b) => b.threshold_fen - a.threshold_fen).slice(0, PASSED);
  return (
    <section class="took-list">
      <h2 class="title"><Both k="took.title" /></h2>
      <ol>
        {rows.map((m) => {
          const path = `milestones.${m.window}.${m.threshold_fen}`;
          const goal = money(m.threshold_fen, order()[0]);
          return (
            <li key={m.threshold_fen}>
              <span data-figure={`${path}.threshold_fen`} data-value={m.threshold_fen} title={english(m.threshold_fen).text}>{plain(goal.text)}{goal.axis}</span>
              <b data-figure={`${path}.since_start_s`} data-value={m.since_start_s ?? ""}>{duration(m.since_start_s ?? 0)}</b>
            </li>
          );
        })}
      </ol>
      {rows.length === 0 ? <Both className="both empty" k="took.wait" /> : null}
    </section>
  );
}
