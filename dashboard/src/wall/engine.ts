// The wall's one loop. Order of a picture: judge the truth, move the figure, let the panels follow, draw light and curve.
import { ServerClock } from "../shared/clock";
import { getFrameAt } from "../shared/api";
import { Feed } from "../shared/feed";
import { Player } from "../shared/player";
import { judgeTruth, REST_MS } from "../shared/truth";
import type { Frame, SeriesPoint } from "../shared/types";
import type { Parts } from "./app";
import { ArcPlanner } from "./arcs";
import { Celebrator } from "./celebrate";
import { Curve } from "./curve";
import { CurveDrawer } from "./curve-draw";
import { Digits } from "./digits";
import { drawLand } from "./land";
import { Lights, MAP } from "./lights";
import { loadCurve } from "./load";
import { MAP_RATIO } from "./project";
import { Quality } from "./quality";
import { still } from "./still";
import { drift, type Motion, unitOf } from "./stage";
import * as store from "./store";

/** A gap in the shown seconds longer than this has the curve fetched anew. */
const GAP_MS = 5000;
/** Another ledger reloads the page, but not over and over. */
const RELOAD_AFTER_MS = 10_000;
const REVISED_MS = 8000;

export class Engine {
  readonly clock = new ServerClock(Date.now() - performance.now());
  private readonly player = new Player();
  private readonly feed: Feed;
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
  private frozenAsked = "";
  private ledgerSeen = 0;

  constructor(private readonly parts: Parts, private readonly motion: Motion, private readonly window: string | undefined) {
    const { figure, digits, lights, curve, embers } = parts;
    if (!figure.current || !digits.current || !lights.current || !curve.current || !embers.current) throw new Error("wall is not rendered");
    this.digits = new Digits(figure.current, digits.current, motion === "full");
    this.lights = new Lights(lights.current);
    this.drawer = new CurveDrawer(curve.current);
    this.celebrator = new Celebrator(embers.current, motion);
    const query = new URLSearchParams({ live: "0", ...(this.window ? { window: this.window } : {}) });
    this.feed = new Feed({ url: `/api/v1/stream?${query}`, now: () => performance.now(), onFrame: (frame, local) => this.receive(frame, local), onBeat: (server, local) => this.clock.sample(server, local) });
  }

  start(): void {
    this.resize();
    addEventListener("resize", () => this.resize());
    document.addEventListener("visibilitychange", () => this.lights.clear());
    this.parts.lights.current?.addEventListener("contextrestored", () => this.resize());
    this.feed.connect();
    const loop = (now: number): void => {
      requestAnimationFrame(loop); // first, so that one failed picture is not the last
      this.frame(now);
    };
    requestAnimationFrame(loop);
    // The badge must not depend on animation frames: a covered window gets none.
    setInterval(() => { this.feed.tick(); this.second(performance.now()); }, 250);
  }

  /** Takes the history; the live head stays. */
  loadCurve(points: SeriesPoint[], startUnix: number, step: number, upTo: number, frame: Frame): void {
    const f = store.festival.value;
    const window = store.currentWindow(f, frame, store.clock.value);
    if (f === null || window === null) return;
    this.curve.load(points, startUnix, step, upTo, store.windowFen(f, frame, window));
  }

  private receive(frame: Frame, local: number): void {
    this.clock.sample(Date.parse(frame.second), local);
    const old = frame.fresh_ms + this.clock.now(local) - Date.parse(frame.second) > REST_MS;
    const verdict = this.player.offer(frame, local, old || this.motion === "off" || document.hidden);
    if (verdict === "ledger") this.otherLedger(local);
    if (verdict !== "play") return;
    store.newest.value = this.player.newest;
    if (frame.correction !== null) this.revise();
    if (frame.frozen !== null) void this.rest(frame.frozen.second);
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
    if (answer.ok) this.player.rest(answer.data, performance.now());
    else this.frozenAsked = "";
  }

  private frame(now: number): void {
    this.quality.frame(now);
    const fen = this.player.advance(now);
    if (fen !== null) {
      if (this.digits.frame(fen, now)) store.fen.value = this.digits.shown * 100;
      if (this.player.settled !== store.settled.value) this.settle(now);
    }
    if (this.motion === "full" && store.truth.value?.faded !== true) this.lights.frame(now);
    this.celebrator.frame(now);
  }

  /** A new frame was reached: panels, arcs and curve follow it. */
  private settle(now: number): void {
    const before = store.settled.value;
    const frame = this.player.settled;
    if (frame === null) return;
    store.settled.value = frame;
    this.lights.light(frame.countries, "CN");
    const flights = this.planner.plan(frame);
    store.perArc.value = this.planner.perArc;
    const gap = before === null ? 0 : Date.parse(frame.second) - Date.parse(before.second);
    if (gap > GAP_MS) this.curveLoaded = false;
    else if (!document.hidden && this.motion === "full") this.launch(flights, now);
    this.extendCurve(frame);
    if (this.motion !== "full") this.lights.frame(now);
    this.celebrator.settled(frame);
  }

  private launch(flights: ReturnType<ArcPlanner["plan"]>, now: number): void {
    const flying = flights.slice(0, Math.floor(flights.length * this.quality.arcs));
    flying.forEach((flight, i) => this.lights.spawn(flight, now + (i * 1000) / flying.length, (i * 0.618034) % 1));
  }

  private extendCurve(frame: Frame): void {
    const f = store.festival.value;
    const window = store.currentWindow(f, frame, store.clock.value);
    if (f === null || window === null) return;
    const s = (Math.min(Date.parse(frame.second), Date.parse(window.end)) - Date.parse(window.start)) / 1000;
    if (s >= 0) this.curve.push(s, store.windowFen(f, frame, window));
  }

  /** What changes once a second: clock, truth, curve. */
  private second(now: number): void {
    const server = this.clock.now(now);
    const second = Math.floor(server / 1000);
    store.truth.value = judgeTruth(this.player.newest, this.feed.link, now, server);
    if (second === this.lastSecond) return;
    this.lastSecond = second;
    store.clock.value = second * 1000;
    if (second % 60 === 0) this.drift(second / 60);
    this.drawCurve();
    if (!this.curveLoaded && !this.curveAsking) void this.askCurve();
  }

  private async askCurve(): Promise<void> {
    this.curveAsking = true;
    this.curveLoaded = await loadCurve(this);
    this.curveAsking = false;
  }

  private drawCurve(): void {
    const f = store.festival.value;
    const window = store.currentWindow(f, store.settled.value, store.clock.value);
    if (f === null || window === null) return;
    const start = Date.parse(window.start);
    const length = (Date.parse(window.end) - start) / 1000;
    const label = (s: number): string => (s === length && length === 86400 ? "24:00" : store.zone.value.minute(start + s * 1000));
    const head = this.drawer.draw({ curve: this.curve, reference: store.reference.value, milestonesFen: f.milestones_cny.map((m) => m * 100), length, label });
    const ripple = this.parts.ripple.current;
    ripple?.style.setProperty("--x", head.x.toFixed(1));
    ripple?.style.setProperty("--y", head.y.toFixed(1));
  }

  private drift(minute: number): void {
    const [x, y] = drift(Math.floor(minute));
    document.documentElement.style.setProperty("--drift-x", String(x));
    document.documentElement.style.setProperty("--drift-y", String(y));
  }

  private resize(): void {
    const unit = unitOf(innerWidth, innerHeight, devicePixelRatio);
    document.documentElement.style.setProperty("--u", `${unit.css}px`);
    const width = Math.round(MAP.width * unit.canvas);
    still("--land", width, Math.round(width * MAP_RATIO), (ctx) => drawLand(ctx, width));
    this.lights.resize(unit.canvas);
    this.drawer.resize(unit.canvas);
    this.celebrator.resize(unit.canvas);
    this.drawCurve();
  }
}
