// The right column: records that are no orders, with their bytes; duplicates; counters that should stay quiet.
import { At, Fig, Label, Rich } from "../shared/figure";
import { group, percent, share } from "../shared/format";
import { t, type Key } from "../shared/i18n";
import { clock, festival, shown, zone } from "../shared/session";
import { Mark } from "../shared/shell";
import type { RejectSample } from "../shared/types";
import { Remote } from "./remote";
import { Spark } from "./spark";
import { alarms, opened, ops, rates, rejects } from "./store";
import { Title } from "./title";

const SAMPLES = 3;
const REASONS = 8;

const records = (): number => Object.values(shown.value?.positions ?? {}).reduce((n, p) => n + p, 0);

export function Side() {
  return <aside><Rejects /><Samples /><Duplicates /><Quiet /><Remote /></aside>;
}

function Rejects() {
  const rows = Object.entries(rejects.value?.reasons ?? {}).sort((a, b) => b[1] - a[1]);
  const most = rows[0]?.[1] ?? 1;
  const loud = alarms.value.find((a) => a.kind === "rejects");
  const rest = rows.slice(REASONS);
  return (
    <section>
      <h2 class="panel-title">{t("ops.rejects")} <span class="space" /><small>{rejects.value === null ? "" : <Sum n={rows.reduce((n, [, count]) => n + count, 0)} />}</small></h2>
      {rejects.value !== null && rows.length === 0 ? <p class="empty">{t("ops.noRejects")}</p> : (
        <table class="reasons"><tbody>
          {rows.slice(0, REASONS).map(([reason, n]) => <Reason key={reason} reason={reason} n={n} most={most} loud={loud?.of === reason} />)}
          {rest.length > 0 ? <tr><td class="l"><Rich k="ops.otherReasons" n={<Fig path="reasons.rest.count" value={rest.length}>{rest.length}</Fig>} /></td><td /><td data-figure="reasons.rest" data-value={rest.reduce((n, [, count]) => n + count, 0)}>{group(rest.reduce((n, [, count]) => n + count, 0))}</td><td /></tr> : null}
        </tbody></table>
      )}
      {loud === undefined ? null : <p class="loud"><Mark shape="warn" /><span><Title a={loud} /></span></p>}
    </section>
  );
}

function Sum({ n }: { n: number }) {
  const part = percent(share(n, Math.max(records(), n)), 2);
  const start = Date.parse(festival.value?.windows[0]?.start ?? "");
  const parts = { n: <Fig path="reasons.total" value={n}>{group(n)}</Fig>, share: <Fig path="reasons.share" value={part.value}>{part.text}</Fig> };
  return Number.isFinite(start) && start < clock.value ? <Rich k="ops.rejectsSince" {...parts} time={<time>{zone.value.minute(start)}</time>} /> : <Rich k="ops.rejectsTotal" {...parts} />;
}

function Reason({ reason, n, most, loud }: { reason: string; n: number; most: number; loud: boolean }) {
  const pace = rates.value.get(reason)?.perS ?? null;
  return (
    <tr>
      <td class="l"><code>{reason}</code></td>
      <td class="bar"><progress max={most} value={n} aria-hidden="true" /></td>
      <td data-figure={`reasons.${reason}`} data-value={n}>{group(n)}</td>
      <td class={loud ? "pace loud" : "pace"} data-figure={`reasons.${reason}.per_s`} data-value={pace ?? ""}>{pace === null ? "–" : <>{group(pace)}/s</>}</td>
    </tr>
  );
}

function Samples() {
  const newest = rejects.value?.newest ?? [];
  return (
    <section>
      <h2 class="panel-title">{t("ops.samples")} <span class="space" /><small>{newest.length > 0 ? <button type="button" class="link" onClick={() => { opened.value = { kind: "samples" }; }}><kbd>S</kbd> {t("ops.opensAll")}</button> : null}</small></h2>
      {newest.length === 0 ? <p class="empty">{rejects.value === null ? "–" : t("ops.noRejects")}</p> : <ol class="samples">{newest.slice(0, SAMPLES).map((s) => <Sample key={`${s.partition}/${s.offset}`} s={s} />)}</ol>}
    </section>
  );
}

/** One rejected record: when, where, why, and its bytes on one line. */
export function Sample({ s, whole = false }: { s: RejectSample; whole?: boolean }) {
  return (
    <li>
      <p><At ms={Date.parse(s.kafka_time ?? "")} /> <span>{t("ops.partitionWord")} <Label>{s.partition ?? "–"}{whole ? ` / ${s.offset ?? "–"}` : ""}</Label></span> <b data-label>{s.reason}</b></p>
      <code class={whole ? "bytes whole" : "bytes"}>{s.sample ? masked(s.sample) : "–"}</code>
    </li>
  );
}

/** Buyers are nobody's business here; what does not print is escaped. */
export function masked(sample: string): string {
  return sample.replace(/("buyer_id"\s*:\s*")[^"]*/g, "$1…").replace(/[\p{Cc}\p{Cf}\uFFFD]/gu, (c) => `\\u${(c.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`);
}

function Duplicates() {
  const d = ops.value?.duplicates ?? null;
  const part = d === null ? null : percent(share(d.total, Math.max(records(), d.total)), 2);
  return (
    <section>
      <h2 class="panel-title">{t("ops.duplicates")} <span class="space" /><small>{d === null || part === null ? "" : <Rich k="ops.duplicatesNote" n={<Fig path="total.duplicates" value={d.total}>{group(d.total)}</Fig>} share={<Fig path="duplicates.share" value={part.value}>{part.text}</Fig>} />}</small></h2>
      <Spark values={d?.line ?? []} width={384} height={46} />
      <p class="axis"><time>{clock.value ? zone.value.minute(clock.value - 20 * 60_000) : ""}</time><span class="space" /><time>{clock.value ? zone.value.minute(clock.value) : ""}</time>{d === null || d.per_s === null ? "" : <span>, <Rich k="ops.perSecond" n={<Fig path="duplicates.per_s" value={d.per_s}>{group(d.per_s)}</Fig>} /></span>}</p>
    </section>
  );
}

function Quiet() {
  const total = shown.value?.total;
  const streams = ops.value?.processes.flatMap((p) => p.bounds).find((b) => b.name === "streams");
  const row = (key: Key, path: string, n: number | undefined) => <li><span>{t(key)}</span><b data-figure={path} data-value={n ?? ""}>{n === undefined ? "–" : group(n)}</b></li>;
  return (
    <section>
      <h2 class="panel-title">{t("ops.quiet")}</h2>
      <ul class="lines tight">
        {row("ops.miskeyed", "total.miskeyed", total?.miskeyed)}
        {row("ops.outside", "total.outside", total?.outside)}
        {row("ops.afterClose", "total.after_close", total?.after_close)}
        {row("ops.streams", "bounds.streams.used", streams?.used)}
        <li><span>{t("ops.ledger")}</span><code>{(ops.value?.ledger ?? shown.value?.ledger ?? "–").slice(0, 16)}</code></li>
      </ul>
    </section>
  );
}
