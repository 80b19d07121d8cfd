// What may take the stage from the number: the countdown before the festival, a milestone for eight seconds.
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
      <h1 lang="zh-CN">{left === 0 ? `${f.name.zh}${text("zh", "countdown.soon")}` : text("zh", "countdown.title", { name: f.name.zh })}</h1>
      <p class="count" data-figure="countdown_s" data-value={left} role="timer">
        {days > 0 ? <span class="days">{days}<small>天</small></span> : null}
        {[...duration(left % 86400)].map((c, i) => <span key={i} class={c === ":" ? "colon" : "cell"}>{c}</span>)}
      </p>
      <p class="until" lang="en">{text("en", "countdown.title", { name: f.name.en })}, {start} {zone.value.en}</p>
    </section>
  );
}

export function Milestone() {
  const m = celebration.value;
  if (m === null) return null;
  const shown = chinese(m.thresholdFen);
  const ahead = m.referenceS === null ? null : m.referenceS - m.tookS;
  return (
    <section class="milestone" role="status">
      <h1 lang="zh-CN">{text("zh", "milestone.title")}</h1>
      <p class="passed" data-figure="milestones.threshold_fen" data-value={m.thresholdFen}>{shown.text.replace(/\.00$/, "")}<small>{shown.unit}元</small></p>
      <p class="took" lang="zh-CN">
        {text("zh", "milestone.took", { time: duration(m.tookS) })}
        {ahead === null || ahead === 0 ? "" : `，${text("zh", ahead > 0 ? "milestone.faster" : "milestone.slower", { time: wordsZh(Math.abs(ahead)) })}`}
      </p>
      <p class="took-en" lang="en">{english(m.thresholdFen).replace(/\.00 /, " ")} {text("en", "milestone.took", { time: wordsEn(m.tookS) })}</p>
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
