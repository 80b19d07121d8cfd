import { group, percent, share } from "../shared/format";
import { t, type Key } from "../shared/i18n";
import { shown, zone } from "../shared/session";
import type { RejectSample } from "../shared/types";
import { partitions, rejects } from "./store";

const SAMPLES = 8;
const REASONS = 10;

/** Counts by reason, largest first, with bars; all are exact and replayable. */
export function Rejects() {
  const found = rejects.value;
  const rows = Object.entries(found?.reasons ?? {}).sort((a, b) => b[1] - a[1]);
  const sum = rows.reduce((n, [, count]) => n + count, 0);
  const most = rows[0]?.[1] ?? 1;
  const records = Object.values(shown.value?.positions ?? {}).reduce((n, p) => n + p, 0);
  return (
    <section>
      <h2 class="panel-title">{t("ops.rejects")} <small>{found === null ? "" : t("ops.rejectsTotal", { n: group(sum), share: percent(share(sum, Math.max(records, sum)), 2).text })}</small></h2>
      {found !== null && rows.length === 0 ? <p class="empty">{t("ops.noRejects")}</p> : (
        <table class="reasons"><tbody>
          {rows.slice(0, REASONS).map(([reason, n]) => (
            <tr key={reason}>
              <td class="l mono">{reason}</td>
              <td class="bar"><progress max={most} value={n} aria-hidden="true" /></td>
              <td data-figure={`reasons.${reason}`} data-value={n}>{group(n)}</td>
            </tr>
          ))}
          {rows.length > REASONS ? <tr><td class="l">{t("ops.otherReasons", { n: rows.length - REASONS })}</td><td /><td>{group(rows.slice(REASONS).reduce((n, [, count]) => n + count, 0))}</td></tr> : null}
        </tbody></table>
      )}
    </section>
  );
}

/** Newest rejected records, one line each, bytes as text. */
export function Samples() {
  const newest = rejects.value?.newest ?? [];
  if (newest.length === 0) return null;
  return (
    <section>
      <h2 class="panel-title">{t("ops.samples")}</h2>
      <ol class="samples">{newest.slice(0, SAMPLES).map((s) => <Sample key={`${s.partition}/${s.offset}`} s={s} />)}</ol>
    </section>
  );
}

function Sample({ s }: { s: RejectSample }) {
  return (
    <li>
      <p>{s.kafka_time ? zone.value.clock(Date.parse(s.kafka_time)) : ""} <span>{t("ops.partition")} {s.partition ?? "–"} / {s.offset ?? "–"}</span> <b>{s.reason}</b></p>
      <p class="mono">{s.sample ? masked(s.sample) : "–"}</p>
    </li>
  );
}

/** Buyers are nobody's business here. */
export const masked = (sample: string): string => sample.replace(/("buyer_id"\s*:\s*")[^"]*/g, "$1…");

export function Quiet() {
  const total = shown.value?.total;
  const p = partitions.value;
  const row = (key: Key, path: string, n: number | undefined) => (
    <tr><td class="l">{t(key)}</td><td data-figure={path} data-value={n ?? ""}><b>{n === undefined ? "–" : group(n)}</b></td></tr>
  );
  return (
    <section>
      <h2 class="panel-title">{t("ops.quiet")}</h2>
      <table><tbody>
        {row("ops.duplicates", "total.duplicates", p?.duplicates ?? total?.duplicates)}
        {row("ops.miskeyed", "total.miskeyed", p?.miskeyed ?? total?.miskeyed)}
        {row("ops.outside", "total.outside", total?.outside)}
        {row("ops.afterClose", "total.after_close", total?.after_close)}
        <tr><td class="l">{t("ops.ledger")}</td><td class="mono">{(p?.ledger ?? shown.value?.ledger ?? "–").slice(0, 16)}</td></tr>
      </tbody></table>
    </section>
  );
}
