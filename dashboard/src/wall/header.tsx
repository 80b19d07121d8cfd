import type { ComponentChildren } from "preact";
import { ageSeconds, yuan } from "../shared/format";
import { Fig, Label, Rich } from "../shared/figure";
import { type Key, text } from "../shared/i18n";
import { certain, type State, type Truth } from "../shared/truth";
import type { Frame } from "../shared/types";
import { choice } from "./director";
import { onAir } from "./onair";
import { spanOf } from "./span";
import { clock, counted, festival, newest, replay, replayOver, settled, truth, zone } from "./store";

export const LANG = { zh: "zh-CN", en: "en" } as const;
/** The two languages in the director's order. */
export const order = (): readonly ["zh", "en"] | readonly ["en", "zh"] => (choice.value.first === "zh" ? ["zh", "en"] : ["en", "zh"]);

/** Two texts side by side in the director's order, the second one smaller. */
export function Pair({ zh, en, className }: { zh: ComponentChildren; en: ComponentChildren; className?: string }) {
  const [first, second] = order();
  const parts = { zh, en };
  return (
    <span {...(className ? { class: className } : {})}>
      <span lang={LANG[first]}>{parts[first]}</span> <span class="alt" lang={LANG[second]}>{parts[second]}</span>
    </span>
  );
}

/** Chinese and English of a key, side by side. */
export function Both({ k, params, className = "both" }: { k: Key; params?: Record<string, ComponentChildren>; className?: string }) {
  return <Pair className={className} zh={<Rich k={k} language="zh" {...params} />} en={<Rich k={k} language="en" {...params} />} />;
}

const BADGE_KEYS: Record<State, Key> = {
  live: "state.live", stale: "state.stale", lost: "state.lost", incomplete: "state.incomplete", frozen: "state.frozen", final: "state.final", before: "state.before",
};

export function Header() {
  const f = festival.value;
  const [first, second] = order();
  return (
    <header class="header">
      <div class="brand">
        <span class="mark" aria-hidden="true"><i /><i /><i /><i /></span>
        <div class="names">
          <b lang={LANG[first]} data-label>{f?.name[first] ?? ""}</b>
          <span lang={LANG[second]} data-label>{f?.name[second] ?? ""}</span>
        </div>
        <ReplayMark />
        {newest.value?.rehearsal || f?.rehearsal ? <Pair className="rehearsal" zh="彩排" en="REHEARSAL" /> : null}
      </div>
      <div class="now">
        <Badge />
        <time class="clock">{clock.value ? zone.value.clock(clock.value) : ""}</time>
        <div class="zone">
          <b lang={LANG[first]} data-label>{zone.value[first]}</b>
          <span lang={LANG[second]}><Label>{zone.value[second]}</Label>{clock.value ? <>{second === "zh" ? "，" : ", "}<time>{zone.value.date(clock.value, second)}</time></> : ""}</span>
        </div>
      </div>
      <Counted />
      <Words />
      <OnAirLine />
    </header>
  );
}

/** Beside the name, as large as a rehearsal's: what is on screen is of another night. */
function ReplayMark() {
  const playing = replay.value;
  if (playing === null) return null;
  return <span class="rehearsal replay"><Pair zh="回放" en="REPLAY" />{playing.speed === 1 ? "" : <> <Label>×{playing.speed}</Label></>}</span>;
}

/** The truth badge: word and shape and colour. */
function Badge() {
  const state = truth.value;
  const shown = state?.state ?? "lost";
  const name = replay.value === null ? shown : "replay"; // whatever it shows: never live
  return (
    <span class={`badge badge-${name}`} data-badge data-state={name}>
      <i class="glyph" aria-hidden="true" />
      <BadgeText state={state} shown={shown} />
    </span>
  );
}

function BadgeText({ state, shown }: { state: Truth | null; shown: State }) {
  if (replay.value !== null) return <Both k={replay.value.bad ? "wall.replayBad" : replayOver.value ? "wall.replayOver" : "wall.replay"} />;
  if (newest.value === null && (state?.silentMs ?? 0) < 5000) return <Both k="state.connecting" />;
  if (shown === "stale") return <Both k="state.stale" params={{ s: <Age path="age_ms" ms={state?.ageMs ?? 0} /> }} />;
  if (shown === "lost") return <Both k="state.lostFor" params={{ s: <Age path="link.silent_ms" ms={state?.silentMs ?? 0} /> }} />;
  if (shown === "live" && newest.value?.phase === "between") return <Both k="state.between" />;
  return <Both k={BADGE_KEYS[shown]} />;
}

function Age({ path, ms }: { path: string; ms: number }) {
  const said = ageSeconds(ms);
  return <Fig path={path} value={Number(said) * 1000}>{said}</Fig>;
}

/** Of which window the total is: the one that the address or the screen asks for, the only one, or all of them together. */
function Counted() {
  const f = festival.value;
  const windows = f?.windows.filter((w) => counted.value === undefined || w.id === counted.value) ?? [];
  const [first, last] = [windows[0], windows[windows.length - 1]];
  if (first === undefined || last === undefined) return null;
  const said = (language: "zh" | "en") => <time>{spanOf(zone.value, Date.parse(first.start), Date.parse(last.end), language)}</time>;
  if (windows.length === 1) return <Pair className="counted" zh={said("zh")} en={said("en")} />;
  return <Pair className="counted" zh={<>{said("zh")} <Label>{text("zh", "wall.windows", { n: windows.length })}</Label></>} en={<>{said("en")} <Label>{text("en", "wall.windows", { n: windows.length })}</Label></>} />;
}

/** Certainty, freshness and completeness in words, under the badge. */
function Words() {
  const frame = newest.value;
  const state = truth.value;
  if (frame === null || state === null) return null;
  const { certainty } = certain(frame, settled.value);
  const fresh = state.state === "live" || state.state === "incomplete" || state.state === "before";
  return (
    <div class="words">
      <span class={`certainty certainty-${certainty}`}><i class="glyph" aria-hidden="true" /><Both k={`certainty.${certainty}`} /></span>
      {fresh && state.ageMs !== null ? <Both k="truth.age" params={{ s: <Age path="age_ms" ms={state.ageMs} /> }} /> : null}
      {frame.complete ? <Both k="truth.whole" /> : <Lacking frame={frame} />}
    </div>
  );
}

/** Which partitions are not counting, in the first language alone: the badge says in both that something is missing, and the line has room for one. */
function Lacking({ frame }: { frame: Frame }) {
  const [first] = order();
  return <span lang={LANG[first]}><Rich k="truth.incomplete" language={first} list={<Label>{frame.incomplete.map((p) => p.partition).join(", ")}</Label>} /></span>;
}

/** What viewers at home see now, where the broadcast is some seconds behind. */
function OnAirLine() {
  const now = onAir.value;
  if (now === null) return null;
  const shown = yuan(now.fen);
  return (
    <p class="on-air">
      <i class="glyph" aria-hidden="true" />
      <Both k="wall.onAir" params={{ time: <time>{zone.value.clock(now.second)}</time> }} />
      <b data-figure="on_air.gmv_fen" data-value={shown.value}>¥{shown.text}</b>
    </p>
  );
}
