import { ageSeconds, group } from "../shared/format";
import { t } from "../shared/i18n";
import { zone } from "../shared/session";
import { Mark } from "../shared/shell";
import type { Partition } from "../shared/types";
import { partitions, silent } from "./store";

/** Seconds behind from which a partition is said to lag: where its figures count as stale. */
const LAGGING_S = 5;

type Care = "stop" | "warn" | null;

function careOf(p: Partition): Care {
  if (p.state !== "running") return "stop";
  return (p.lag_s ?? 0) >= LAGGING_S ? "warn" : null;
}

/** What needs a person: at most one box per troubled partition; calm is one quiet line. */
export function Alarms() {
  const rows = partitions.value?.partitions.filter((p) => careOf(p) !== null) ?? [];
  if (partitions.value === null) return null;
  if (rows.length === 0) return <p class="calm"><Mark shape="dot" />{t("ops.calm")}</p>;
  return (
    <div class="alarms">
      {rows.slice(0, 4).map((p) => (
        <section key={p.partition} class={`alarm alarm-${careOf(p)}`} role="alert">
          <Mark shape={careOf(p) === "stop" ? "octagon" : "warn"} />
          <div>
            <h2>{title(p)}</h2>
            <p>{p.reason ?? ""}</p>
            {careOf(p) === "stop" ? <p>{t("ops.alarmEffect")}</p> : null}
          </div>
        </section>
      ))}
    </div>
  );
}

function title(p: Partition): string {
  if (p.state === "stopped") return t("ops.alarmStopped", { p: p.partition });
  if (p.state === "unassigned") return t("ops.alarmUnassigned", { p: p.partition });
  return t("ops.alarmLag", { p: p.partition, s: p.lag_s ?? 0 });
}

export function PartitionTable() {
  const rows = partitions.value?.partitions ?? null;
  return (
    <section>
      <h2 class="panel-title">{t("ops.partitions")} <small>{rows === null ? t("ops.wait") : silent.value ? t("ops.noAnswer") : t("ops.partitionsNote", { n: rows.length })}</small></h2>
      <div class="scroll">
        <table class="partitions">
          <thead>
            <tr><th class="l">{t("ops.partition")}</th><th class="l">{t("col.state")}</th><th>{t("ops.lag")}</th><th>{t("ops.lagTime")}</th><th>{t("ops.watermark")}</th><th>{t("ops.next")}</th><th>{t("ops.segment")}</th><th>{t("ops.sealed")}</th><th>{t("ops.fresh")}</th><th class="l">{t("ops.reason")}</th></tr>
          </thead>
          <tbody>{(rows ?? []).map((p) => <Row key={p.partition} p={p} />)}</tbody>
        </table>
      </div>
    </section>
  );
}

const number = (n: number | null): string => (n === null ? "–" : group(n));

function Row({ p }: { p: Partition }) {
  const care = careOf(p);
  const path = `partitions.${p.partition}`;
  return (
    <tr class={care ?? ""}>
      <td class="l"><Mark shape={care === "stop" ? "octagon" : care === "warn" ? "warn" : "dot"} /><b>{p.partition}</b></td>
      <td class="l">{t(`ops.state.${p.state}`)}</td>
      <td data-figure={`${path}.lag`} data-value={p.lag ?? ""}>{number(p.lag)}</td>
      <td data-figure={`${path}.lag_s`} data-value={p.lag_s ?? ""}>{p.lag_s === null ? "–" : `${p.lag_s} s`}</td>
      <td>{p.watermark === null ? "–" : zone.value.clock(Date.parse(p.watermark))}</td>
      <td data-figure={`${path}.next`} data-value={p.next}>{group(p.next)}</td>
      <td>{group(p.segment)}</td>
      <td>{number(p.sealed)}</td>
      <td>{p.fresh_ms === null ? "–" : `${ageSeconds(p.fresh_ms)} s`}</td>
      <td class="l reason" title={p.reason ?? ""}>{p.reason ?? ""}</td>
    </tr>
  );
}
