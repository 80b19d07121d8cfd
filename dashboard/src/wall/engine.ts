// The wall's one loop. Order of a picture: judge the truth, move the figure, let the panels follow, draw light and curve.
import { ServerClock } from "../shared/clock";
import { getFrameAt } from "../shared/api";
import { Feed } from "../shared/feed";
import { Player } from "../shared/player";
import { judgeTruth, type Link, REST_MS, type Truth } from "../shared/truth";
import type { Frame, Milestone, SeriesPoint } from "../shared/types";
import type { Parts } from "./app";
import { ArcPlanner, ordersPerArc } from "./arcs";
import { Celebrator } from "./celebrate";
import { Curve } from "./curve";
import { CurveDrawer } from "./curve-draw";
import { Digits } from "./digits";
import { drawLand } from "./land";
import { Lights } from "./lights";
import { loadCurve, loadPeak } from "./load";
import { Quality } from "./quality";
import { still } from "./still";
import { choice } from "./director";
import { flowsOf, marketsOf } from "./markets";
import { nextMilestone, thresholds } from "./next";
import { History, onAir } from "./onair";
import { PeakWatch } from "./peak";
import { isQuiet, renew } from "./renew";
import type { Replay } from "./replay";
import { settings } from "./settings";
import { screen, told } from "./screen";
import { drift, layoutOf, type Panel } from "./stage";
import { rested, restAt } from "./steer";
import * as store from "./store";
import { PlayTime } from "./time";
import { drawTopology, loadTopology, type Shapes, shapesOf } from "./topology";

/** A gap in the shown seconds longer than this has the curve fetched anew. */
const GAP_MS = 5000;
/** The truth is judged this often, and with every second of the clock. */
const JUDGE_MS = 250;
/** Another ledger reloads the page, but not over and over. */
const RELOAD_AFTER_MS = 10_000;
const REVISED_MS = 8000;
/**
 * The figure stands on the number of second S when the server's clock says S + 1.5 s: half a second for the way, then one
 * interval of playing. So screens beside each other show the same, whenever their frames came.
 */
const DUE_MS = 1500;
/** In a replay that runs fast, arcs start once in this long and curve and peak are drawn no oftener than that many ms apart. */
const ARCS_MS = 950;
const REDRAW_MS = 240;
/** How often the server is asked for the night's peak, and how soon again where it does not say. */
const PEAK_MS = 60_000;
const PEAK_AGAIN_MS = 5000;
/** The map is painted once the first number is on screen, or after this: its 4,656 dots take a fifth of a second of one core. */
const MAP_AFTER_MS = 1500;
/** A map that the server does not give is asked for again after this. */
const MAP_RETRY_MS = 10_000;

/** What a replay brings: its frames, and how fast. */
export interface Playing {
  replay: Replay;
  speed: number;
  /** The recorded milestones that were known at the second which is shown. */
  milestones: () => Promise<Milestone[]>;
}

export class Engine {
  readonly clock = new ServerClock(Date.now() - performance.now());
  private readonly player = new Player(() => store.currency.value);
  private readonly time: PlayTime;
  /** Null in a replay, which has no line that could be lost. */
  private readonly feed: Feed | null;
  private readonly replayLink: Link = { since: 0, lastEvent: 0, attempts: 0 };
  private readonly digits: Digits;
  private readonly lights: Lights;
  private readonly drawer: CurveDrawer;
  private readonly planner = new ArcPlanner();
  private readonly quality = new Quality();
  private readonly celebrator: Celebrator;
  private curve = new Curve();
  private curveLoaded = false;
  private curveAsking = false;
  private lastSecond = -1;
  private judgedAt = -Infinity;
  private readonly peaks: PeakWatch;
  private readonly history = new History();
  private frozenAsked = "";
  /** The newest frame that came, also while the director lets this wall rest on an older one. */
  private received: Frame | null = null;
  private lastCelebration = -Infinity;
  private ledgerSeen = 0;
  private arcsAt = -Infinity;
  private drawnAt = -Infinity;
  private driftedAt = -1;
  private peakDueAt = -Infinity; // by performance.now()
  private curveOf: string | null = null;
  private shapes: Shapes | null = null;
  private mapBegun = false;

  constructor(private readonly parts: Parts, private readonly panel: Panel, private readonly window: string | undefined, private readonly playing: Playing | null = null) {
    const { figure, digits, lights, curve, embers } = parts;
    if (!figure.current || !digits.current || !lights.current || !curve.current || !embers.current) throw new Error("wall is not rendered");
    this.digits = new Digits(figure.current, digits.current);
    this.lights = new Lights(lights.current);
    this.drawer = new CurveDrawer(curve.current);
    this.celebrator = new Celebrator(embers.current, playing?.milestones);
    store.counted.value = this.window;
    const query = new URLSearchParams({ live: "0", ...(this.window ? { window: this.window } : {}) });
    this.time = new PlayTime(performance.now(), playing?.speed);
    this.peaks = new PeakWatch(playing === null);
    this.feed = playing !== null ? null : new Feed({ url: `/api/v1/stream?${query}`, now: () => performance.now(), onFrame: (frame, local) => this.receive(frame, local), onBeat: (server, local) => this.clock.sample(server, local), onWalls: told });
  }

  start(): void {
    this.feed?.connect(); // first of all: the first frame is on its way while the stage is set up
    this.resize();
    setTimeout(() => this.paintMap(true), MAP_AFTER_MS);
    addEventListener("resize", () => this.resize());
    document.addEventListener("visibilitychange", () => this.lights.clear());
    for (const canvas of [this.parts.lights, this.parts.curve, this.parts.embers]) {
      canvas.current?.addEventListener("contextrestored", () => this.resize());
    }
    choice.subscribe(() => this.directed());
    settings.subscribe(() => void this.otherMap());
    if (this.feed !== null) renew(() => this.quiet());
    const loop = (real: number): void => {
      requestAnimationFrame(loop); // first, so that one failed picture is not the last
      this.frame(real);
    };
    requestAnimationFrame(loop);
    // The badge must not depend on animation frames: a covered window gets none.
    setInterval(() => { this.feed?.tick(); this.second(this.step(performance.now()), performance.now()); }, 250);
  }

  /** Play time at `real`, with the frames of a replay that are due by then. */
  private step(real: number): number {
    if (this.playing === null) return this.time.at(real);
    const { replay } = this.playing;
    this.time.limit = replay.limit();
    let now = this.time.at(real);
    for (const frame of replay.due(now)) this.receive(frame, now);
    if (replay.offset !== null && this.replayLink.since === 0) {
      this.clock.hint(now + replay.offset, now);
      this.replayLink.since = 1;
    }
    this.time.limit = replay.limit();
    now = this.time.at(real);
    this.replayLink.lastEvent = now;
    store.replayOver.value = replay.over;
    return now;
  }

  /** Takes the history; the live head stays. */
  loadCurve(points: SeriesPoint[], startUnix: number, step: number, upTo: number, frame: Frame): void {
    const f = store.festival.value;
    const window = store.currentWindow(f, frame, store.clock.value);
    if (f === null || window === null) return;
    this.curve.load(points, startUnix, step, upTo, store.windowFen(f, frame, window));
  }

  private receive(came: Frame, local: number): void {
    if (this.playing === null) this.clock.sample(Date.parse(came.second), local);
    else if (this.replayLink.since === 0) this.clock.hint(local + (this.playing.replay.offset ?? 0), local);
    const frame = this.playing === null ? rested(came, restAt.value) : came;
    this.received = frame;
    if (choice.value.frozen && this.player.newest !== null) return;
    const old = frame.fresh_ms + this.clock.now(local) - Date.parse(frame.second) > REST_MS;
    const verdict = this.player.offer(frame, local, old || choice.value.motion === "off" || document.hidden, this.clock.local(Date.parse(frame.second) + DUE_MS));
    if (verdict === "ledger" && this.playing === null) this.otherLedger(local);
    if (verdict !== "play") return;
    store.newest.value = this.player.newest;
    this.history.push(frame);
    if (frame.correction !== null) this.revise();
    if (frame.frozen !== null && this.playing === null) void this.rest(frame.frozen.second); // a replay has played it before
  }

  /** Numbers of two ledgers never mix: the page begins anew with the other one, if it stays. */
  private otherLedger(local: number): void {
    this.ledgerSeen++;
    if (this.ledgerSeen >= 3 && local > RELOAD_AFTER_MS) location.reload();
  }

  private revise(): void {
    store.revised.value = true;
    setTimeout(() => { store.revised.value = false; }, REVISED_MS);
  }

  private async rest(second: string): Promise<void> {
    if (this.frozenAsked === second) return;
    this.frozenAsked = second;
    const answer = await getFrameAt(second, this.window);
    if (answer.ok) this.player.rest(answer.data, this.time.at(performance.now()));
    else this.frozenAsked = "";
  }

  private frame(real: number): void {
    this.quality.frame(real);
    const now = this.step(real);
    this.second(now, real); // here too, so that the clock turns with the picture and not up to a quarter of a second late
    const minor = this.player.advance(now);
    if (minor !== null) {
      if (this.digits.frame(minor, real, store.currency.value)) store.minor.value = this.digits.shown * 100;
      if (this.player.settled !== store.settled.value) this.settle(real);
    }
    if (choice.value.motion === "full" && store.truth.value?.faded !== true) this.lights.frame(real);
    this.celebrator.frame(real);
  }

  /** A new frame was reached: panels, arcs and curve follow it. */
  private settle(real: number): void {
    const before = store.settled.value;
    const frame = this.player.settled;
    if (frame === null) return;
    store.settled.value = frame;
    if (before === null) requestAnimationFrame(() => setTimeout(() => this.paintMap(true))); // the number's own picture goes first
    this.lights.light(marketsOf(frame.countries), "CN");
    const gap = before === null || this.playing !== null ? 0 : Date.parse(frame.second) - Date.parse(before.second);
    if (gap > GAP_MS) this.curveLoaded = false;
    this.plan(frame, real, gap > GAP_MS || document.hidden || choice.value.motion !== "full");
    this.extendCurve(frame);
    this.watchPeak(frame);
    if (choice.value.motion !== "full") this.lights.frame(real);
    this.celebrator.settled(frame);
  }

  /** Arcs of the time since the last plan; in a replay that runs fast many frames come between two plans. */
  private plan(frame: Frame, real: number, none: boolean): void {
    if (this.playing !== null && this.playing.speed > 1 && real - this.arcsAt < ARCS_MS) return;
    this.arcsAt = real;
    const flights = this.planner.plan({ flows: flowsOf(frame) });
    store.perArc.value = ordersPerArc(this.planner.perArc, choice.value.motion === "full" ? this.quality.arcs : 0);
    if (!none) this.launch(flights, real);
  }

  private launch(flights: ReturnType<ArcPlanner["plan"]>, now: number): void {
    const flying = flights.slice(0, Math.floor(flights.length * this.quality.arcs));
    flying.forEach((flight, i) => this.lights.spawn(flight, now + (i * 1000) / flying.length, (i * 0.618034) % 1));
  }

  private watchPeak(frame: Frame): void {
    this.peaks.push(frame.ledger, frame.window, Date.parse(frame.second), frame.rate?.created_per_s ?? null);
    store.peak.value = this.peaks.peak;
    store.bars.value = [...this.peaks.bars];
  }

  /** Appends a frame to the curve: each that the figure reaches, and in a replay those that were passed over. */
  extendCurve(frame: Frame): void {
    const f = store.festival.value;
    const window = store.currentWindow(f, frame, this.playing === null ? store.clock.value : Date.parse(frame.second));
    if (f === null || window === null) return;
    if (this.curveOf !== window.id) this.nextCurve(window.id);
    const s = (Math.min(Date.parse(frame.second), Date.parse(window.end)) - Date.parse(window.start)) / 1000;
    if (s >= 0) this.curve.push(s, store.windowFen(f, frame, window));
  }

  /** Another window has a curve of its own, which is asked for. */
  private nextCurve(window: string): void {
    if (this.curveOf !== null) this.curve = new Curve();
    this.curveOf = window;
    this.curveLoaded = false;
    store.curveReady.value = this.playing !== null;
  }

  /** A wall that its director froze says so; what it cannot know, and what is final, comes first. */
  private judge(now: number, server: number): Truth {
    const shown = this.player.newest;
    const truth = judgeTruth(choice.value.frozen ? this.received : shown, this.feed?.link ?? this.replayLink, now, server);
    if (!choice.value.frozen || shown === null || truth.state === "lost" || shown.certainty === "final") return truth;
    return { ...truth, state: "frozen", asOf: Date.parse(shown.second), resting: true };
  }

  /** What the director's choice changes at once. */
  private directed(): void {
    const { motion, frozen } = choice.value;
    this.digits.motion = motion === "full";
    if (motion !== "full") this.lights.clear();
    const now = this.time.at(performance.now());
    this.player.reprice(now); // the currency may be another one
    if (!frozen && this.received !== null && this.received !== this.player.newest) this.receive(this.received, now);
  }

  private quiet(): boolean {
    const f = store.festival.value;
    const w = store.currentWindow(f, store.settled.value, store.clock.value);
    const expectedS = store.next.value?.expectedS ?? null;
    const edges = (f?.windows ?? []).flatMap((one) => [Date.parse(one.start), Date.parse(one.end)]);
    const expected = w === null || expectedS === null ? null : Date.parse(w.start) + expectedS * 1000;
    return isQuiet({ now: store.clock.value, edges, celebrating: store.celebration.value !== null, expected, lastCelebration: this.lastCelebration });
  }

  /** What changes once a second: clock, truth, curve. */
  private second(now: number, real: number): void {
    if (this.playing !== null && this.playing.replay.offset === null) return; // nothing is known of that night's clock yet
    const server = this.clock.now(now);
    const second = Math.floor(server / 1000);
    if (second === this.lastSecond && now - this.judgedAt < JUDGE_MS) return;
    this.judgedAt = now;
    store.truth.value = this.judge(now, server);
    if (second === this.lastSecond) return;
    this.lastSecond = second;
    store.clock.value = second * 1000;
    const delay = screen.value?.broadcast_delay_ms ?? 0;
    onAir.value = delay > 0 ? this.history.at(second * 1000 - delay) : null;
    if (store.celebration.value !== null) this.lastCelebration = second * 1000;
    const minute = Math.floor((this.playing === null ? server : real) / 60_000);
    if (minute !== this.driftedAt) this.drift(minute);
    if (this.playing === null && real >= this.peakDueAt && store.settled.value !== null) void this.askPeak(real, store.settled.value);
    this.foresee();
    if (real - this.drawnAt > REDRAW_MS) this.drawCurve(real);
    if (this.playing === null && !this.curveLoaded && !this.curveAsking) void this.askCurve();
  }

  /** At the start and once a minute: the server knows seconds that none of this wall's frames told. Sooner again where it did not say. */
  private async askPeak(real: number, frame: Frame): Promise<void> {
    this.peakDueAt = real + PEAK_MS;
    const known = await loadPeak(frame);
    if (known === null) {
      this.peakDueAt = real + PEAK_AGAIN_MS;
      return;
    }
    this.peaks.know(known);
    store.peak.value = known;
  }

  private async askCurve(): Promise<void> {
    this.curveAsking = true;
    const asked = this.curveOf;
    const loaded = await loadCurve(this);
    this.curveLoaded = loaded && asked === this.curveOf && asked !== null;
    if (this.curveLoaded && !store.curveReady.value) {
      store.curveReady.value = true;
      this.drawCurve(performance.now());
    }
    this.curveAsking = false;
  }

  /** The next milestone above the curve's head, and when it is to be expected. */
  private foresee(): void {
    const f = store.festival.value;
    const window = store.currentWindow(f, store.settled.value, store.clock.value);
    if (f === null || window === null || !store.curveReady.value) return;
    store.next.value = nextMilestone(thresholds(f), this.curve, store.reference.value, (Date.parse(window.end) - Date.parse(window.start)) / 1000);
  }

  /** Nothing before its history is there: a line from zero to now would be one that nobody measured. */
  private drawCurve(real: number): void {
    const f = store.festival.value;
    const window = store.currentWindow(f, store.settled.value, store.clock.value);
    if (f === null || window === null || !store.curveReady.value) return;
    this.drawnAt = real;
    const start = Date.parse(window.start);
    const length = (Date.parse(window.end) - start) / 1000;
    const label = (s: number): string => (s === length && length === 86400 ? "24:00" : store.zone.value.minute(start + s * 1000));
    const head = this.drawer.draw({ curve: this.curve, reference: store.reference.value, milestonesFen: thresholds(f), length, label, language: choice.value.first });
    const ripple = this.parts.ripple.current;
    ripple?.style.setProperty("--x", head.x.toFixed(1));
    ripple?.style.setProperty("--y", head.y.toFixed(1));
  }

  private drift(minute: number): void {
    this.driftedAt = minute;
    const [x, y] = drift(minute);
    document.documentElement.style.setProperty("--drift-x", String(x));
    document.documentElement.style.setProperty("--drift-y", String(y));
  }

  /** What lies under the lights: dots, nothing, or the operator's map, which is never shown without its approval number. */
  private paintMap(begin = false): void {
    if (begin && this.mapBegun) return;
    this.mapBegun ||= begin;
    if (!this.mapBegun) return;
    const at = store.layout.value;
    const { map, map_approval } = settings.value;
    const width = Math.round(at.map.width * at.canvas);
    const shapes = this.shapes;
    still("--land", width, Math.round(at.map.height * at.canvas), (ctx) => {
      if (map === "dots") drawLand(ctx, width, at.kind);
      else if (map === "file" && map_approval !== "" && shapes !== null) drawTopology(ctx, width, shapes);
    });
  }

  /** Another map than before: its file is asked for until it is there. */
  private async otherMap(): Promise<void> {
    this.lights.resize(store.layout.value, settings.value.map);
    this.paintMap();
    while (settings.value.map === "file" && settings.value.map_approval !== "" && this.shapes === null && this.playing === null) {
      const topology = await loadTopology();
      if (topology !== null) this.shapes = shapesOf(topology);
      else await new Promise((done) => setTimeout(done, MAP_RETRY_MS));
    }
    this.paintMap();
    if (this.player.settled !== null) this.lights.light(marketsOf(this.player.settled.countries), "CN");
  }

  private resize(): void {
    const at = layoutOf(innerWidth, innerHeight, devicePixelRatio, this.panel);
    store.layout.value = at;
    const style = document.documentElement.style;
    style.setProperty("--u", `${at.css}px`);
    const sizes = { w: at.width, shift: at.shift, wing: at.wing };
    for (const [name, n] of Object.entries(sizes)) style.setProperty(`--${name}`, String(n));
    for (const name of ["map", "band", "curve"] as const) {
      for (const side of ["left", "top", "width", "height"] as const) style.setProperty(`--${name}-${side}`, at[name][side].toFixed(2));
    }
    this.paintMap();
    this.digits.resize(at.figure, at.room);
    this.lights.resize(at, settings.value.map);
    this.drawer.resize(at);
    this.drawCurve(performance.now());
  }
}
