import { At, Fig, Rich } from "../shared/figure";
import { t } from "../shared/i18n";
import { clock, truth } from "../shared/session";
import { Mark, Words } from "../shared/shell";
import { ageOf, type Alarm, commandsIn, partsOf } from "./alarms";
import { span } from "./span";
import { acknowledge, acknowledged, alarms, lastAlarm, type Opened, opened, ops } from "./store";
import { Title } from "./title";

/** Alarms in full; more become one line each. */
const FULL = 2;

export function Alarms() {
  const most = alarms.value.filter((a) => a.kind !== "rejects"); // those stand beside the rejects
  const list = most.length > 0 ? most : alarms.value;
  if (ops.value === null) return <p class="calm"><Mark shape="dot" />{t("ops.wait")}</p>;
  if (list.length === 0) return <Calm />;
  const full = list.length <= FULL;
  return (
    <div class={full ? `alarms alarms-${list.length}` : "alarm-lines"} role="alert">
      {list.map((a, i) => (full ? <Box key={a.id} a={a} first={i === 0} /> : <Line key={a.id} a={a} first={i === 0} />))}
    </div>
  );
}

function Calm() {
  const last = lastAlarm.value;
  return (
    <p class="calm">
      <Mark shape="dot" /><span>{t("ops.calm")}{last === null ? "" : <>, <Rich k="ops.lastAlarm" time={<At ms={last} />} /></>}</span>
      <span class="space" />{truth.value?.state === "lost" ? null : <Words />}
    </p>
  );
}

const shape = (a: Alarm) => (a.severity === "stop" ? "octagon" : "warn");

function For({ a }: { a: Alarm }) {
  const s = Math.max(0, Math.floor((clock.value - a.since) / 1000));
  return <small class="for"><Rich k="alarm.for" time={<Fig path={`alarms.${a.id}.for_s`} value={s}>{span(s)}</Fig>} /></small>;
}

function Box({ a, first }: { a: Alarm; first: boolean }) {
  const taken = acknowledged.value.has(a.id);
  const { kind, text } = partsOf(a.reason);
  const signs = commandsIn(a.reason).gap !== null || commandsIn(a.reason).recount !== null;
  return (
    <section class={`alarm alarm-${a.severity}${taken ? " taken" : ""}`}>
      <Mark shape={shape(a)} />
      <div>
        <h2><span><Title a={a} />{a.kind === "stopped" && kind !== "" ? <span data-label>: {kind}</span> : null}</span><For a={a} /></h2>
        {text === "" ? null : <p class="reason" title={a.reason} data-label>{a.kind === "stopped" ? capital(text) : partsless(a.reason)}</p>}
        <p>{t(`alarm.effect.${a.kind}`)} {taken ? t("alarm.taken") : signs ? t("alarm.notTaken") : ""}</p>
        <Actions a={a} first={first} taken={taken || signs} />
      </div>
    </section>
  );
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1) + (/[.!?]$/.test(text) ? "" : ".");
const partsless = (reason: string): string => reason.replace(/`/g, "");

function Actions({ a, first, taken }: { a: Alarm; first: boolean; taken: boolean }) {
  const commands = commandsIn(a.reason);
  const open = (next: Opened) => () => { opened.value = next; };
  return (
    <div class="actions">
      <button type="button" class={a.severity === "stop" ? "primary stop" : ""} onClick={open({ kind: "advice", alarm: a })}>{t("alarm.whatToDo")}{first ? <kbd>1</kbd> : null}</button>
      {commands.recount ? <button type="button" onClick={open({ kind: "sign", command: commands.recount, alarm: a })}>{t("alarm.recount")}</button> : null}
      {commands.gap ? <button type="button" class="dashed" onClick={open({ kind: "sign", command: commands.gap, alarm: a })}>{t("alarm.gap")}</button> : null}
      {taken ? null : <button type="button" onClick={() => acknowledge(a.id)}>{t("alarm.acknowledge")}{first ? <kbd>A</kbd> : null}</button>}
    </div>
  );
}

function Line({ a, first }: { a: Alarm; first: boolean }) {
  const taken = acknowledged.value.has(a.id);
  return (
    <div class={`alarm-line alarm-${a.severity}${taken ? " taken" : ""}`}>
      <Mark shape={shape(a)} /><b><Title a={a} /></b>
      <span class="reason" title={a.reason} data-label>{a.reason.replace(/`/g, "")}</span>
      <For a={a} />
      <button type="button" onClick={() => { opened.value = { kind: "advice", alarm: a }; }}>{t("alarm.whatToDo")}{first ? <kbd>1</kbd> : null}</button>
      {taken ? <span class="note">{t("alarm.taken")}</span> : <button type="button" onClick={() => acknowledge(a.id)}>{t("alarm.acknowledge")}{first ? <kbd>A</kbd> : null}</button>}
    </div>
  );
}

/** Since when figures lack something, Unix ms: the oldest of what the incomplete partitions have. */
export function incompleteSince(): number | null {
  const behind = (ops.value?.partitions ?? []).filter((p) => p.state !== "running").map(ageOf);
  const most = Math.max(0, ...behind);
  return most === 0 || clock.value === 0 ? null : clock.value - most;
}

