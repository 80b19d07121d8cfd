// Every process that counts or shows: what it does, since when it runs, when it last said so. A short time up is a restart.
import { Fig, Label } from "../shared/figure";
import { group } from "../shared/format";
import { t } from "../shared/i18n";
import type { Ops, Process } from "../shared/types";
import { QUIET_MS } from "./alarms";
import { span } from "./span";
import { ops } from "./store";

export function Processes() {
  const known = ops.value;
  if (known === null) return null;
  return (
    <section class="processes">
      <h2 class="panel-title">{t("ops.processes")}</h2>
      <div class="scroll">
        <table>
          <thead><tr><th class="l">{t("ops.process")}</th><th class="l">{t("ops.role")}</th><th class="l">{t("ops.partitions")}</th><th>{t("ops.upFor")}</th><th>{t("ops.reported")}</th><th>{t("ops.retriesOf")}</th></tr></thead>
          <tbody>{known.processes.map((p, i) => <Row key={`${p.process} ${p.role}`} p={p} known={known} own={i === 0} />)}</tbody>
        </table>
      </div>
    </section>
  );
}

const seconds = (from: string, to: string): number => Math.max(0, Math.floor((Date.parse(to) - Date.parse(from)) / 1000));

function Row({ p, known, own }: { p: Process; known: Ops; own: boolean }) {
  const path = `processes.${p.process}.${p.role}`;
  const [up, said] = [seconds(p.started, known.now), seconds(p.at, known.now)];
  return (
    <tr class={p.stopped ? "stopped" : said * 1000 > QUIET_MS ? "warn" : ""}>
      <td class="l"><Label>{p.process}</Label></td>
      <td class="l">{t(`ops.role.${p.role}`)}{p.stopped ? `, ${t("ops.stoppedByRequest")}` : own && known.frames.publishing ? `, ${t("ops.publishes")}` : ""}</td>
      <td class="l"><Label>{p.partitions.length === 0 ? "–" : runs(p.partitions)}</Label></td>
      <td><Fig path={`${path}.up_s`} value={up}>{span(up)}</Fig></td>
      <td><Fig path={`${path}.said_s`} value={said}>{span(said)}</Fig></td>
      <td data-figure={`${path}.retries`} data-value={p.retries}>{group(p.retries)}</td>
    </tr>
  );
}

/** 0, 1, 2, 3, 7 as 0–3, 7. */
export function runs(list: readonly number[]): string {
  const out: [number, number][] = [];
  for (const n of [...list].sort((a, b) => a - b)) {
    const last = out[out.length - 1];
    if (last !== undefined && last[1] === n - 1) last[1] = n;
    else out.push([n, n]);
  }
  return out.map(([a, b]) => (a === b ? `${a}` : `${a}–${b}`)).join(", ");
}
