import { At, Fig, Label, Rich } from "../shared/figure";
import { group } from "../shared/format";
import { t } from "../shared/i18n";
import { Mark } from "../shared/shell";
import type { Partition } from "../shared/types";
import { ageOf, careOf } from "./alarms";
import { seconds } from "./amount";
import { ops, silent, worstFirst } from "./store";

/** Partitions from which on the healthy ones fold into one row a process. */
const FOLD_FROM = 17;
/** Sealed segments before the open one. */
const SEALS = 21;
const CELL = 13;
const GAP = 2;
const OPEN = 40;

const RANK = { stop: 0, warn: 1, calm: 2 } as const;
const rank = (p: Partition): number => RANK[careOf(p) ?? "calm"];

export function PartitionTable() {
  const all = ops.value?.partitions ?? null;
  const rows = worstFirst.value ? [...(all ?? [])].sort((a, b) => rank(a) - rank(b) || ageOf(b) - ageOf(a)) : (all ?? []);
  const fold = rows.length >= FOLD_FROM;
  return (
    <section class="partitions-block">
      <h2 class="panel-title">
        {t("ops.partitions")} <small>{all === null ? t("ops.wait") : silent.value ? t("ops.noAnswer") : <Note n={all.length} />}</small>
        <span class="space" />
        <Legend />
      </h2>
      <div class="scroll">
        <table class="partitions">
          <thead>
            <tr><th class="l no" colSpan={2}><span class="spoken">{t("ops.partition")}</span></th><th class="l">{t("col.state")}</th><th>{t("ops.lag")}</th><th>{t("ops.lagTime")}</th><th>{t("ops.watermark")}</th><th>{t("ops.segment")}</th><th class="l ribbon"><Rich k="ops.ribbon" n={<Label>{SEALS}</Label>} /></th><th>{t("ops.verifiedTo")}</th><th class="process">{t("ops.process")}</th></tr>
          </thead>
          <tbody>
            {(fold ? rows.filter((p) => careOf(p) !== null) : rows).map((p) => <Row key={p.partition} p={p} />)}
            {fold ? folded(rows.filter((p) => careOf(p) === null)).map(([name, list]) => <Folded key={name} name={name} list={list} />) : null}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Note({ n }: { n: number }) {
  const stride = ops.value?.stride ?? 0;
  return <Rich k="ops.partitionsNote" n={<Fig path="partitions.count" value={n}>{n}</Fig>} stride={<Fig path="stride" value={stride}>{group(stride)}</Fig>} />;
}

function Legend() {
  return (
    <span class="legend" aria-hidden="true">
      <span><i class="key key-verified" />{t("ops.key.verified")}</span><span><i class="key key-sealed" />{t("ops.key.sealed")}</span><span><i class="key key-open" />{t("ops.key.open")}</span>
    </span>
  );
}

const SHAPE = { stop: "octagon", warn: "warn", calm: "dot" } as const;

function Row({ p }: { p: Partition }) {
  const care = careOf(p);
  const path = `partitions.${p.partition}`;
  return (
    <tr class={care ?? ""} data-partition={p.partition} tabIndex={-1} title={p.reason ?? ""}>
      <td class="mark-cell"><Mark shape={SHAPE[care ?? "calm"]} /></td>
      <td class="l no"><b data-label>{p.partition}</b></td>
      <td class="l state">{care === "warn" ? t("ops.state.lagging") : t(`ops.state.${p.state}`)}</td>
      <Behind path={path} lag={p.lag} ms={p.fresh_ms} />
      <td>{p.watermark === null ? "–" : <Watermark at={p.watermark} />}</td>
      <td data-figure={`${path}.segment`} data-value={p.segment}>{group(p.segment)}</td>
      <td class="l ribbon"><Ribbon p={p} stop={care === "stop"} /></td>
      <td data-figure={`${path}.verified`} data-value={p.verified ?? ""}>{p.verified === null ? "–" : group(p.verified)}</td>
      <td class="process" title={p.process ?? ""}><Label>{p.process ?? "–"}</Label></td>
    </tr>
  );
}

/** Lag in records and seconds; a dash and a word where nobody knows it. */
function Behind({ path, lag, ms }: { path: string; lag: number | null; ms: number | null }) {
  const fresh = ms === null ? null : seconds(ms);
  return (
    <>
      <td><b data-figure={`${path}.lag`} data-value={lag ?? ""}>{lag === null ? "–" : group(lag)}</b></td>
      <td><b data-figure={`${path}.fresh_ms`} data-value={fresh?.value ?? ""}>{fresh?.text ?? "–"}</b> {fresh === null ? <span class="note">{t("ops.unknown")}</span> : "s"}</td>
    </>
  );
}

/** The largest, or null where one is not known. */
function worst(all: (number | null)[]): number | null {
  return all.reduce((a, b) => (a === null || b === null ? null : Math.max(a, b)), 0);
}

/** With its milliseconds: two partitions within a second are told apart. */
function Watermark({ at }: { at: string }) {
  const ms = Date.parse(at);
  return <><At ms={ms} /><time>.{String(((ms % 1000) + 1000) % 1000).padStart(3, "0")}</time></>;
}

/** The last sealed segments and the open one, in words for those who hear it. */
function Ribbon({ p, stop }: { p: Partition; stop: boolean }) {
  const first = p.segment - SEALS;
  const x = SEALS * (CELL + GAP);
  const stride = ops.value?.stride ?? 1;
  const used = Math.max(p.used > 0 ? 2 : 0, Math.round((OPEN * p.used) / stride));
  return (
    <svg class={`seals${careOf(p) === "warn" ? " seals-warn" : ""}`} width={x + OPEN} height="14" viewBox={`0 0 ${x + OPEN} 14`} role="img" aria-label={t("ops.ribbonWords", { sealed: p.sealed ?? "–", verified: p.verified ?? "–", used: Math.floor((100 * p.used) / stride) })}>
      {Array.from({ length: SEALS }, (_, i) => first + i).map((k, i) => (k < 0 ? null : <rect key={k} class={sealClass(p, k)} x={i * (CELL + GAP) + .75} y=".75" width={CELL - 1.5} height="12.5" rx="1.5" />))}
      <rect class="seal-track" x={x} y="0" width={OPEN} height="14" rx="1.5" />
      {stop ? <><rect class="seal-stopped" x={x + .75} y=".75" width={OPEN - 1.5} height="12.5" rx="1.5" /><path class="seal-hatch" d={hatch(x)} /></> : <rect class="seal-open" x={x} y="0" width={used} height="14" rx="1.5" />}
    </svg>
  );
}

function hatch(x: number): string {
  return Array.from({ length: 6 }, (_, i) => `M${x + 3 + i * 6.4} 11.5l5-9`).join("");
}

function sealClass(p: Partition, k: number): string {
  if (p.sealed === null || k > p.sealed) return "seal-pending";
  return p.verified !== null && k <= p.verified ? "seal-verified" : "seal-sealed";
}

function folded(healthy: Partition[]): [string, Partition[]][] {
  const by = new Map<string, Partition[]>();
  for (const p of healthy) by.set(p.process ?? "–", [...(by.get(p.process ?? "–") ?? []), p]);
  return [...by.entries()].sort((a, b) => (a[0] < b[0] ? -1 : 1));
}

/** The healthy partitions of one process, with its worst lag. */
function Folded({ name, list }: { name: string; list: Partition[] }) {
  const path = `processes.${name}`;
  return (
    <tr>
      <td class="mark-cell"><Mark shape="dot" /></td>
      <td class="l" colSpan={2}><Rich k="ops.folded" n={<Fig path={`${path}.partitions`} value={list.length}>{list.length}</Fig>} /></td>
      <Behind path={path} lag={worst(list.map((p) => p.lag))} ms={worst(list.map((p) => p.fresh_ms))} />
      <td colSpan={2} />
      <td class="l ribbon"><Label>{list.map((p) => p.partition).join(" ")}</Label></td>
      <td />
      <td class="process"><Label>{name}</Label></td>
    </tr>
  );
}
