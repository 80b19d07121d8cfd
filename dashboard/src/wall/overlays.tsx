// What may take the stage from the number: the countdown before the festival, a milestone for eight seconds.
import { Fig, Label, Rich } from "../shared/figure";
import { duration, money, plain } from "../shared/format";
import { type Key, text } from "../shared/i18n";
import { choice, help } from "./director";
import { Both, LANG, order } from "./header";
import { type Celebration, celebration, clock, festival, newest, upcoming, zone } from "./store";

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
  const [first, second] = order();
  const name = start === f.windows[0]?.start ? f.name : { zh: text("zh", "countdown.next"), en: text("en", "countdown.next") };
  const title = (language: "zh" | "en") => <Rich k="countdown.title" language={language} name={<Label>{name[language]}</Label>} />;
  return (
    <section class="countdown">
      <h1 lang={LANG[first]}>{title(first)}</h1>
      <p class="count" data-figure="countdown_s" data-value={left} role="timer">
        {days > 0 ? <span class="days">{days}<small>{first === "zh" ? "天" : "d"}</small></span> : null}
        {[...duration(left % 86400)].map((c, i) => <span key={i} class={c === ":" ? "colon" : "cell"}>{c}</span>)}
      </p>
      <p class="until" lang={LANG[second]}>{title(second)}{second === "zh" ? "，" : ", "}<time>{zone.value.minute(Date.parse(start))}</time> <Label>{zone.value[second]}</Label></p>
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

/** The first language is large, in its own unit: 2,000 亿元, or RMB 200 billion. The second one says the same money below. */
export function Milestone() {
  const m = celebration.value;
  if (m === null) return null;
  const [first, second] = order();
  return (
    <section class="milestone" role="status">
      <h1 lang={LANG[first]}>{text(first, "milestone.title")}</h1>
      <p class="passed" lang={LANG[first]}><Threshold m={m} language={first} /></p>
      <p class="took" lang={LANG[first]}><Took m={m} language={first} /><Ahead m={m} language={first} /></p>
      <p class="took-alt" lang={LANG[second]}><Threshold m={m} language={second} />{second === "zh" ? "，" : " "}<Took m={m} language={second} /></p>
    </section>
  );
}

interface Said {
  m: Celebration;
  language: "zh" | "en";
}

const pathOf = (m: Celebration): string => `milestones.${m.window}.${m.thresholdFen}`;

function Threshold({ m, language }: Said) {
  const { text: number, value, unit } = money(m.thresholdFen, language);
  return <>{language === "en" ? <small class="before">RMB </small> : null}<Fig path={`${pathOf(m)}.threshold_fen`} value={value}>{plain(number)}</Fig><small>{language === "zh" ? `${unit}元` : unit}</small></>;
}

function Took({ m, language }: Said) {
  const time = language === "zh" ? duration(m.tookS) : wordsEn(m.tookS);
  return <Rich k="milestone.took" language={language} time={<Fig path={`${pathOf(m)}.since_start_s`} value={m.tookS}>{time}</Fig>} />;
}

/** How much earlier or later than the last festival; nothing where that is not known or there is no difference. */
function Ahead({ m, language }: Said) {
  const ahead = m.referenceS === null ? 0 : m.referenceS - m.tookS;
  if (ahead === 0) return null;
  const by = Math.abs(ahead);
  const time = <Fig path={`${pathOf(m)}.ahead_s`} value={ahead}>{language === "zh" ? wordsZh(by) : wordsEn(by)}</Fig>;
  return <>{language === "zh" ? "，" : ", "}<Rich k={ahead > 0 ? "milestone.faster" : "milestone.slower"} language={language} time={time} /></>;
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
