// What may take the stage from the number: the countdown before the festival, a milestone for eight seconds.
import { Fig, Label, Rich } from "../shared/figure";
import { chinese, duration, english } from "../shared/format";
import { text } from "../shared/i18n";
import { celebration, clock, festival, newest, zone } from "./store";

/** Whole seconds until the first window opens, by the server's clock; null without a festival. */
export function secondsLeft(): number | null {
  const start = festival.value?.windows[0]?.start;
  if (start === undefined || clock.value === 0) return null;
  return Math.max(0, Math.ceil((Date.parse(start) - clock.value) / 1000));
}

export function Countdown() {
  const f = festival.value;
  const left = secondsLeft();
  if (f === null || left === null || newest.value?.phase !== "before") return null;
  const days = Math.floor(left / 86400);
  const start = zone.value.minute(Date.parse(f.windows[0]?.start ?? ""));
  return (
    <section class="countdown">
      <h1 lang="zh-CN">{left === 0 ? <><Label>{f.name.zh}</Label>{text("zh", "countdown.soon")}</> : <Rich k="countdown.title" language="zh" name={<Label>{f.name.zh}</Label>} />}</h1>
      <p class="count" data-figure="countdown_s" data-value={left} role="timer">
        {days > 0 ? <span class="days">{days}<small>天</small></span> : null}
        {[...duration(left % 86400)].map((c, i) => <span key={i} class={c === ":" ? "colon" : "cell"}>{c}</span>)}
      </p>
      <p class="until" lang="en"><Rich k="countdown.title" language="en" name={<Label>{f.name.en}</Label>} />, <time>{start}</time> <Label>{zone.value.en}</Label></p>
    </section>
  );
}

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
