// What may take the stage from the number: the countdown before the festival, a milestone for eight seconds.
import { Fig, Label, Rich } from "../shared/figure";
import { chinese, duration, english } from "../shared/format";
import { type Key, text } from "../shared/i18n";
import { choice, help } from "./director";
import { Both } from "./header";
import { celebration, clock, festival, newest, upcoming, zone } from "./store";

/** Whole seconds until the next window opens, by the server's clock; null where nothing is counted down to. */
export function secondsLeft(): number | null {
  const w = upcoming(festival.value, newest.value, clock.value);
  return w === null ? null : Math.max(0, Math.ceil((Date.parse(w.start) - clock.value) / 1000));
}

export function Countdown() {
  const f = festival.value;
  const left = secondsLeft();
  const start = upcoming(f, newest.value, clock.value)?.start;
  if (f === null || left === null || start === undefined) return null;
  const days = Math.floor(left / 86400);
  const name = start === f.windows[0]?.start ? f.name : { zh: text("zh", "countdown.next"), en: text("en", "countdown.next") };
  return (
    <section class="countdown">
      <h1 lang="zh-CN"><Rich k="countdown.title" language="zh" name={<Label>{name.zh}</Label>} /></h1>
      <p class="count" data-figure="countdown_s" data-value={left} role="timer">
        {days > 0 ? <span class="days">{days}<small>天</small></span> : null}
        {[...duration(left % 86400)].map((c, i) => <span key={i} class={c === ":" ? "colon" : "cell"}>{c}</span>)}
      </p>
      <p class="until" lang="en"><Rich k="countdown.title" language="en" name={<Label>{name.en}</Label>} />, <time>{zone.value.minute(Date.parse(start))}</time> <Label>{zone.value.en}</Label></p>
    </section>
  );
}

/** The keys, while the director looks them up. */
export function Help() {
  if (!help.value) return null;
  const now = choice.value;
  return (
    <dl class="help">
      {HELP.map(([key, k]) => <><dt><kbd>{key}</kbd></dt><dd><Both k={k} /></dd></>)}
      <dt /><dd><Both k={now.celebrate ? "wall.celebrateOn" : "wall.celebrateOff"} /> · motion {now.motion}</dd>
    </dl>
  );
}

const HELP: readonly [string, Key][] = [
  ["1", "wall.key.all"], ["2", "wall.key.number"], ["3", "wall.key.world"], ["C", "wall.key.celebrate"], ["F", "wall.key.freeze"], ["M", "wall.key.motion"],
  ["L", "wall.key.language"], ["G", "wall.key.share"], ["R", "wall.key.ranking"], ["D", "wall.key.currency"], ["?", "keys.?"],
];

export function Milestone() {
  const m = celebration.value;
  if (m === null) return null;
  const shown = chinese(m.thresholdFen);
  const path = `milestones.${m.window}.${m.thresholdFen}`;
  const ahead = m.referenceS === null ? null : m.referenceS - m.tookS;
  return (
    <section class="milestone" role="status">
      <h1 lang="zh-CN">{text("zh", "milestone.title")}</h1>
      <p class="passed" data-figure={`${path}.threshold_fen`} data-value={m.thresholdFen}>{shown.text.replace(/\.00$/, "")}<small>{shown.unit}元</small></p>
      <p class="took" lang="zh-CN">
        <Rich k="milestone.took" language="zh" time={<Fig path={`${path}.since_start_s`} value={m.tookS}>{duration(m.tookS)}</Fig>} />
        {ahead === null || ahead === 0 ? "" : <>，<Rich k={ahead > 0 ? "milestone.faster" : "milestone.slower"} language="zh" time={<Fig path={`${path}.ahead_s`} value={ahead}>{wordsZh(Math.abs(ahead))}</Fig>} /></>}
      </p>
      <p class="took-en" lang="en"><Fig path={`${path}.threshold_fen`} value={m.thresholdFen}>{english(m.thresholdFen).text.replace(/\.00 /, " ")}</Fig> <Rich k="milestone.took" language="en" time={<Fig path={`${path}.since_start_s`} value={m.tookS}>{wordsEn(m.tookS)}</Fig>} /></p>
    </section>
  );
}

const split = (s: number): [number, number, number] => [Math.floor(s / 3600), Math.floor(s / 60) % 60, s % 60];

function wordsZh(s: number): string {
  const [h, m, sec] = split(s);
  return [h ? `${h} 小时` : "", m ? `${m} 分` : "", !h && sec ? `${sec} 秒` : ""].filter(Boolean).join(" ");
}

function wordsEn(s: number): string {
  const [h, m, sec] = split(s);
  return [h ? `${h} h` : "", m ? `${m} min` : "", `${sec} s`].filter(Boolean).join(" ");
}
