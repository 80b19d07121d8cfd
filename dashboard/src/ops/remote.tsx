// The walls' remote: what all screens of a wall show, on whatever machine they are. Each press is a record with name and time.
import { useState } from "preact/hooks";
import { At, Label, Rich } from "../shared/figure";
import { t, type Key } from "../shared/i18n";
import { type Change, changeWall, FIELDS, type Field, operator, remember, walls } from "../shared/walls";

const ROWS = Object.keys(FIELDS) as Field[];

export function Remote() {
  const [chosen, setChosen] = useState("main");
  const [by, setBy] = useState(operator());
  const [problem, setProblem] = useState("");
  const known = walls.value;
  const names = Object.keys(known?.walls ?? {}).sort();
  const state = known?.walls[chosen] ?? null;
  const send = async (change: Change): Promise<void> => {
    remember(by.trim());
    const answer = await changeWall(chosen, by.trim(), change);
    setProblem(answer.ok ? "" : answer.detail || answer.title || t("hold.failed"));
  };
  const off = state === null || by.trim() === "";
  return (
    <section class="remote">
      <h2 class="panel-title">{t("remote.title")} <span class="space" />
        {names.length < 2 ? null : <select aria-label={t("remote.wall")} value={chosen} onChange={(e) => setChosen(e.currentTarget.value)}>{names.map((n) => <option key={n} value={n} data-label>{n}</option>)}</select>}
      </h2>
      <label class="remote-by"><span>{t("hold.by")}</span><input value={by} maxLength={64} onInput={(e) => setBy(e.currentTarget.value)} /></label>
      {ROWS.map((field) => (
        <Row key={field} name={field} values={FIELDS[field]} now={state?.[field] ?? ""} off={off} set={(value) => void send({ [field]: value })} />
      ))}
      <div class="remote-row">
        <span>{t("remote.frozen")}</span>
        <span class="segments" role="group" aria-label={t("remote.frozen")}>
          <button type="button" disabled={off} aria-pressed={state !== null && state.frozen === null} onClick={() => void send({ frozen: "off" })}>{t("remote.frozen.off")}</button>
          <button type="button" disabled={off} aria-pressed={state?.frozen != null} onClick={() => void send({ frozen: "on" })}>{t("remote.frozen.on")}</button>
        </span>
      </div>
      {problem === "" ? null : <p class="problem" role="alert" data-label>{problem}</p>}
      <p class="note">{state?.at == null ? t("remote.never") : <Rich k="remote.last" time={<At ms={Date.parse(state.at)} />} by={<Label>{state.by}</Label>} />}</p>
    </section>
  );
}

interface RowOptions {
  name: Field;
  values: readonly string[];
  now: string;
  off: boolean;
  set: (value: string) => void;
}

/** A field: as each screen has it by itself, or one value for all. */
function Row({ name, values, now, off, set }: RowOptions) {
  return (
    <div class="remote-row">
      <span>{t(`remote.${name}`)}</span>
      <span class="segments" role="group" aria-label={t(`remote.${name}`)}>
        {["", ...values].map((value) => (
          <button key={value} type="button" data-remote={`${name}.${value}`} disabled={off} aria-pressed={now === value} onClick={() => set(value)}>{t(value === "" ? "remote.own" : `remote.${name}.${value}` as Key)}</button>
        ))}
      </span>
    </div>
  );
}
