import { Fig, Rich } from "../shared/figure";
import { BILLION_FEN, chinese, duration, english, inUnit, MILLION_FEN, yuan } from "../shared/format";
import { locale, num, t } from "../shared/i18n";
import { festival, zone } from "../shared/session";
import type { Milestone } from "../shared/types";
import { milestones, pin } from "./store";

/** Reached thresholds with their second and time taken, then the ones to come, without a guess when. */
export function Milestones() {
  const rows = milestones.value;
  return (
    <section class="milestones">
      <h2 class="panel-title">{t("desk.milestones")}</h2>
      {rows !== null && rows.length === 0 ? <p class="empty">{t("desk.noMilestones")}</p> : (
        <table>
          <thead><tr><th class="l">{t("desk.threshold")}</th><th>{t("desk.onAir")}</th><th>{t("desk.took")}</th><th>{t("desk.vsLast")}</th></tr></thead>
          <tbody>{(rows ?? []).map((m) => <Row key={`${m.window ?? ""}${m.threshold_fen}`} m={m} newest={m === lastReached(rows ?? [])} />)}</tbody>
        </table>
      )}
    </section>
  );
}

const lastReached = (rows: Milestone[]): Milestone | undefined => rows.findLast((m) => m.on_air_second !== null);

function Row({ m, newest }: { m: Milestone; newest: boolean }) {
  const several = (festival.value?.windows.length ?? 1) > 1;
  const name = threshold(m.threshold_fen);
  const path = `milestones.${m.window ?? ""}.${m.threshold_fen}`;
  const onAir = m.on_air_second;
  return (
    <tr class={onAir === null ? "ahead" : newest ? "newest" : ""}>
      <td class="l"><b data-figure={`${path}.threshold_fen`} data-value={m.threshold_fen}>{name}</b>{several ? <span data-label> {m.window ?? ""}</span> : ""}</td>
      <td>{onAir === null ? t("desk.notYet") : <button type="button" class="link" onClick={() => void pin(onAir)}><Fig path={`${path}.on_air_second`} value={Math.floor(Date.parse(onAir) / 1000)}>{zone.value.clock(Date.parse(onAir))}</Fig></button>}</td>
      <td>{m.since_start_s === null ? "–" : <Fig path={`${path}.since_start_s`} value={m.since_start_s}>{duration(m.since_start_s)}</Fig>}</td>
      <td><Difference m={m} path={path} /></td>
    </tr>
  );
}

/** 2,000 亿 or RMB 200 billion, without empty decimals. */
export function threshold(fen: number): string {
  if (locale.value === "en") return english(fen).text.replace(/\.00 /, " ");
  if (locale.value !== "zh") return inWords(fen);
  const shown = chinese(fen);
  return `${shown.text.replace(/\.00$/, "")} ${shown.unit}`;
}

/** 200 mil millones RMB. */
function inWords(fen: number): string {
  const [unit, key] = fen >= BILLION_FEN ? [BILLION_FEN, "unit.billion"] as const : [MILLION_FEN, "unit.million"] as const;
  const shown = fen >= MILLION_FEN ? `${inUnit(fen, unit).text.replace(/\.00$/, "")} ${t(key)}` : yuan(fen).text;
  return `${num(shown)} RMB`;
}

function Difference({ m, path }: { m: Milestone; path: string }) {
  if (m.since_start_s === null || m.reference_since_start_s === null) return <>–</>;
  const ahead = m.reference_since_start_s - m.since_start_s;
  const time = duration(Math.abs(ahead)).replace(/^00:/, "");
  return <Rich k={ahead >= 0 ? "desk.faster" : "desk.slower"} time={<Fig path={`${path}.ahead_s`} value={ahead}>{time}</Fig>} />;
}
