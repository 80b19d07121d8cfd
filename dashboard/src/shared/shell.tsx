// Parts that desk, merchant and operations have in common: page head, marks of state, the figure block's state line.
import type { ComponentChildren } from "preact";
import { useRef } from "preact/hooks";
import { At, Fig, Label, Rich } from "./figure";
import { ageSeconds, duration, yuan } from "./format";
import { ALL, type Key, LANGUAGES, locale, type Locale, num, setLocale, t } from "./i18n";
import { attempts, clock, festival, newest, retryNow, shown, truth, zone } from "./session";
import { certain, type State } from "./truth";

interface HeadProps {
  title: ComponentChildren;
  children?: ComponentChildren;
  tools?: ComponentChildren;
  /** The zone's second line shows UTC instead of the date. */
  utc?: boolean;
  /** Languages that the page has. */
  languages?: readonly Locale[];
  /** The page's own GMV, spoken once a minute; the festival's where it is not given. */
  fen?: number | null;
}

/** Page head: mark, title, rehearsal tag, what the page adds, language, clock. Under it the hatched strip of a rehearsal. */
export function Head({ title, children, tools, utc = false, languages = ALL, fen = shown.value?.total.gmv_fen ?? null }: HeadProps) {
  const rehearsal = newest.value?.rehearsal === true || festival.value?.rehearsal === true;
  return (
    <>
      {rehearsal ? <div class="hatch" aria-hidden="true" /> : null}
      <header class="head">
        <span class="mark" aria-hidden="true"><i /><i /><i /><i /></span>
        <h1>{title}</h1>
        {rehearsal ? <span class="rehearsal">{t(utc ? "rehearsal" : "rehearsal.long")}</span> : null}
        {children}
        <span class="space" />
        {tools}
        <Languages of={languages} />
        <time class="clock">{clock.value ? zone.value.clock(clock.value) : ""}</time>
        <span class="zone">
          <Label>{zone.value.name(locale.value)}</Label><br />
          <time>{clock.value ? (utc ? `${new Date(clock.value).toISOString().slice(11, 19)} UTC` : today()) : ""}</time>
        </span>
      </header>
      <Spoken fen={fen} />
    </>
  );
}

const today = (): string => zone.value.date(clock.value, locale.value);

function Languages({ of }: { of: readonly Locale[] }) {
  return (
    <span class="segments languages" role="group" aria-label="语言 Language">
      {of.map((l) => (
        <button key={l} type="button" aria-pressed={locale.value === l} onClick={() => setLocale(l)}>{LANGUAGES[l]}</button>
      ))}
    </span>
  );
}

type Glyph = "dot" | "clock" | "octagon" | "broken" | "pause" | "ring" | "tick" | "diamond" | "warn";

/** Shapes of state, 14 x 14: never colour alone. */
export function Mark({ shape }: { shape: Glyph }) {
  return <svg class={`shape shape-${shape}`} viewBox="0 0 14 14" aria-hidden="true">{GLYPHS[shape]}</svg>;
}

const GLYPHS: Record<Glyph, ComponentChildren> = {
  dot: <circle cx="7" cy="7" r="4" fill="currentColor" />,
  clock: <g fill="none" stroke="currentColor" stroke-width="1.6"><circle cx="7" cy="7" r="5.6" /><path d="M7 3.8V7l2.4 1.4" /></g>,
  octagon: <g><path d="M4.4 .8h5.2l3.6 3.6v5.2l-3.6 3.6H4.4L.8 9.6V4.4z" fill="currentColor" /><path d="M4.9 4.9l4.2 4.2m0-4.2L4.9 9.1" stroke="var(--hole)" stroke-width="1.5" /></g>,
  broken: <g fill="none" stroke="currentColor" stroke-width="1.6"><path d="M1 5.2c3.6-3.2 8.4-3.2 12 0M3.4 8c2.2-1.8 5-1.8 7.2 0M2 1.4l10 11.2" /></g>,
  pause: <path d="M3 2h3v10H3zM8 2h3v10H8z" fill="currentColor" />,
  ring: <circle cx="7" cy="7" r="4.6" fill="none" stroke="currentColor" stroke-width="3.2" />,
  tick: <g fill="none" stroke="currentColor" stroke-width="1.6"><circle cx="7" cy="7" r="5.8" /><path d="M4.2 7.2l2 2 3.6-4" /></g>,
  diamond: <path d="M7 1.6L12.4 7 7 12.4 1.6 7z" fill="none" stroke="currentColor" stroke-width="1.7" />,
  warn: <g><path d="M7 .8l6.4 12H.6z" fill="currentColor" /><path d="M7 5v3.6M7 10v1.4" stroke="var(--hole)" stroke-width="1.5" /></g>,
};

const STATE: Record<State, { key: Key; shape: Glyph; tone: string }> = {
  live: { key: "state.live", shape: "dot", tone: "live" },
  stale: { key: "state.stale", shape: "clock", tone: "warn" },
  lost: { key: "state.lostFor", shape: "broken", tone: "stop" },
  incomplete: { key: "state.incomplete", shape: "octagon", tone: "stop" },
  frozen: { key: "state.frozen", shape: "pause", tone: "sky" },
  final: { key: "state.final", shape: "ring", tone: "good" },
  before: { key: "state.before", shape: "clock", tone: "quiet" },
};

/** Until a page has heard nothing for this long it has not lost anything: it connects. */
const CONNECTING_MS = 5000;

/** The truth badge of the contract: data-badge, data-state. `since`, Unix ms, says from when on figures are incomplete. */
export function Badge({ since = null }: { since?: number | null }) {
  const now = truth.value;
  const state = now?.state ?? "lost";
  const { key, shape, tone } = STATE[state];
  const connecting = newest.value === null && (now?.silentMs ?? 0) < CONNECTING_MS;
  const between = state === "live" && newest.value?.phase === "between";
  const age = state === "lost" ? { path: "link.silent_ms", ms: now?.silentMs ?? 0 } : { path: "age_ms", ms: now?.ageMs ?? 0 };
  return (
    <span class={`pill pill-${state === "stale" && now?.faded ? "stop" : tone}`} data-badge data-state={state}>
      <Mark shape={shape} />{connecting ? t("state.connecting") : between ? t("state.between") : <Rich k={key} s={<Age {...age} />} />}{state === "incomplete" && since !== null ? <Rich k="state.since" time={<At ms={since} />} /> : null}
    </span>
  );
}

/** An age in seconds as it is said, rounded down. */
export function Age({ path, ms }: { path: string; ms: number }) {
  const said = ageSeconds(ms);
  return <Fig path={path} value={Number(said) * 1000}>{num(said)}</Fig>;
}

const CERTAINTY: Record<string, Glyph> = { provisional: "diamond", verified: "tick", final: "ring" };

/** Certainty, freshness and completeness in words, and what a state needs said beside the badge. */
export function Words() {
  const frame = newest.value;
  const now = truth.value;
  if (frame === null || now === null) return <span class="words">{t("truth.loading")}{now?.state === "lost" && attempts.value > 0 ? <Retry /> : null}</span>;
  const n = Object.keys(frame.positions).length;
  const { certainty, verified_to: to } = certain(frame, shown.value);
  return (
    <span class="words">
      <span class="certainty"><Mark shape={CERTAINTY[certainty] ?? "diamond"} />{t(`certainty.${certainty}`)}</span>
      <StateWords />
      {to !== null && certainty === "provisional" ? <span><Rich k="truth.verifiedTo" time={<At ms={Date.parse(to)} />} /></span> : null}
      {frame.complete ? <span><Rich k="truth.complete" n={<Fig path="positions.count" value={n}>{n}</Fig>} /></span> : <span class="bad"><Rich k="truth.incomplete" list={<Label>{frame.incomplete.map((p) => p.partition).join(", ")}</Label>} /></span>}
    </span>
  );
}

const Retry = () => <button type="button" onClick={retryNow}>{t("truth.retry")}</button>;

/**
 * What a screen reader hears: a change of state at once, the figure once a minute and with each change of state, and always the
 * moment that the figure stands for: whoever reads the line in between hears how old it is. role="status" says the whole line anew
 * (polite and atomic). The moving figure itself is not a live region.
 */
function Spoken({ fen }: { fen: number | null }) {
  const said = useRef({ minute: -1, state: "", fen: 0, text: "", at: 0 });
  const minute = Math.floor(clock.value / 60_000);
  const state = spokenState();
  if (fen !== null && (minute !== said.current.minute || state !== said.current.state)) {
    said.current = { minute, state, fen, text: yuan(fen).text, at: truth.value?.asOf ?? clock.value };
  }
  return (
    <p class="spoken" role="status">
      {t(state)}. {said.current.minute < 0 ? null : <><Rich k="truth.asOf" time={<At ms={said.current.at} />} />: {t("gmv.label")} <Fig path="spoken.gmv_fen" value={yuan(said.current.fen).value}>{said.current.text}</Fig> {t("unit.yuan")}</>}
    </p>
  );
}

function spokenState(): Key {
  const state = truth.value?.state ?? "lost";
  if (newest.value === null && (truth.value?.silentMs ?? 0) < CONNECTING_MS) return "state.connecting";
  return state === "lost" ? "state.lost" : state === "stale" ? "state.delayed" : STATE[state].key;
}

function StateWords() {
  const now = truth.value;
  const frame = newest.value;
  if (now === null || frame === null) return null;
  const at = <At ms={now.asOf} />;
  switch (now.state) {
    case "lost":
      return <><span><Rich k="truth.asOf" time={at} /></span><span><Rich k="truth.attempt" n={<Fig path="link.attempts" value={attempts.value}>{attempts.value}</Fig>} /></span><Retry /></>;
    case "stale":
      return <span><Rich k="truth.asOf" time={at} />, {t("truth.resting")}</span>;
    case "frozen":
      return <span><Rich k="truth.frozen" time={at} reason={<Label>{frame.frozen?.reason ?? ""}</Label>} /></span>;
    case "before":
      return <BeforeWords />;
    case "final":
      return null;
    default:
      return frame.total.orders === 0 ? <span>{t("truth.noOrders")}</span> : <span><Rich k="truth.age" s={<Age path="age_ms" ms={now.ageMs ?? 0} />} /></span>;
  }
}

function BeforeWords() {
  const start = Date.parse(festival.value?.windows[0]?.start ?? "");
  if (!Number.isFinite(start)) return null;
  const time = <time>{`${zone.value.date(start, locale.value)} ${zone.value.clock(start)}`}</time>;
  const left = Math.max(0, Math.floor((start - clock.value) / 1000));
  return <><span><Rich k="truth.startsIn" time={time} left={<Fig path="countdown_s" value={left}>{duration(left)}</Fig>} /></span><span>{t("truth.streamOk")}</span></>;
}

/** The sign before a figure: ¥, with "at least" while any partition is missing. */
export function Sign() {
  return <>{shown.value !== null && newest.value?.complete === false ? <span class="at-least">{t("truth.atLeast")}</span> : null}<span class="yen">¥</span></>;
}
