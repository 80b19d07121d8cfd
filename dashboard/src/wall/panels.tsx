// Lower third and the small figures: rates, mobile share, ranking. All of one settled frame.
import { Fig } from "../shared/figure";
import { group, inUnit, percent, unitFor, yuan } from "../shared/format";
import { text } from "../shared/i18n";
import { countryName } from "../shared/names";
import { Both } from "./header";
import { perArc, reference, settled } from "./store";

const HOME = "CN";
/** Rows of the ranking. */
const ROWS = 8;
const TICKS = 64;

export function Rates() {
  const rate = settled.value?.rate ?? null;
  return (
    <section class="rates">
      <RateBlock k="rate.orders" path="rate.created_per_s" n={rate?.created_per_s ?? null} />
      <RateBlock k="rate.payments" path="rate.orders_per_s" n={rate?.orders_per_s ?? null} />
    </section>
  );
}

function RateBlock({ k, path, n }: { k: "rate.orders" | "rate.payments"; path: string; n: number | null }) {
  return (
    <div class="rate">
      <h2><span lang="zh-CN">{text("zh", k)}</span> <span class="en" lang="en">{text("en", k)}</span></h2>
      <p data-figure={path} data-value={n ?? ""}><b>{n === null ? "–" : group(n)}</b> <span class="unit">笔/秒 <small>per s</small></span></p>
    </div>
  );
}

/** 64 ticks from −220° to +40°; as many are lit as the share says. */
export function Gauge() {
  const share = settled.value?.mobile.share_gmv ?? null;
  const shown = percent(share);
  const lit = share === null ? 0 : Math.floor(Number(shown.value) * TICKS);
  return (
    <section class="gauge">
      <svg viewBox="-100 -100 200 168" aria-hidden="true">
        {Array.from({ length: TICKS }, (_, i) => {
          const angle = ((-220 + (260 * i) / (TICKS - 1)) * Math.PI) / 180;
          const on = i < lit;
          const inner = on ? 76 : 80;
          return <line key={i} x1={Math.cos(angle) * inner} y1={Math.sin(angle) * inner} x2={Math.cos(angle) * 92} y2={Math.sin(angle) * 92}
            class={on ? "on" : "off"} style={on ? { opacity: 0.45 + (0.55 * i) / TICKS } : {}} />;
        })}
      </svg>
      <p class="gauge-value" data-figure="mobile.share_gmv" data-value={shown.value}><b>{shown.text}</b><span>%</span></p>
      <h2><span lang="zh-CN">{text("zh", "mobile.gmv")}</span><span class="en" lang="en">{text("en", "mobile.gmv")}</span></h2>
    </section>
  );
}

/** Largest markets abroad. Rows keep their element and slide to their new place. */
export function Ranking() {
  const frame = settled.value;
  const rows = (frame?.countries ?? []).filter((c) => c.key !== HOME && c.key !== "unknown" && c.gmv_fen > 0).sort((a, b) => b.gmv_fen - a.gmv_fen).slice(0, ROWS);
  const most = rows[0]?.gmv_fen ?? 1;
  const unit = unitFor(most);
  const ordered = rows.map((row, i) => ({ row, i })).sort((a, b) => (a.row.key < b.row.key ? -1 : 1)); // DOM order stands still
  return (
    <section class="ranking">
      <h2 class="title" data-label><span lang="zh-CN">{text("zh", "ranking.title")}</span> <span class="en" lang="en">{text("en", "ranking.title")}, {unit.zh ? `in ${unit.zh} (${unit.en})` : "in RMB"}</span></h2>
      <ol>
        {ordered.map(({ row, i }) => {
          const shown = unit.fen === 100 ? yuan(row.gmv_fen) : inUnit(row.gmv_fen, unit.fen);
          return (
            <li key={row.key} style={{ "--row": String(i % 4), "--column": String(Math.floor(i / 4)), "--bar": String(row.gmv_fen / most) }}>
              <i class="rank" data-label>{i + 1}</i>
              <Country code={row.key} value={shown.text} />
              <b data-figure={`countries.${row.key}.gmv_fen`} data-value={shown.value}>{shown.text}</b>
              <span class="bar"><span /></span>
            </li>
          );
        })}
      </ol>
      {rows.length === 0 && frame !== null ? <Both className="both empty" k="ranking.empty" /> : null}
    </section>
  );
}

/** Width of a row and of its parts in u: when a name is too long, its English goes first. */
const ROW_WIDTH = 284;

function Country({ code, value }: { code: string; value: string }) {
  const zh = countryName(code, "zh");
  const en = countryName(code, "en");
  const room = ROW_WIDTH - 30 - zh.length * 22 - 22 - value.length * 12.4;
  return (
    <span class="country">
      <span lang="zh-CN">{zh}</span>{en.length * 8.2 <= room ? <> <span class="en" lang="en">{en}</span></> : null}
    </span>
  );
}

export function CurveTitle() {
  return (
    <h2 class="title curve-title">
      <span><span lang="zh-CN">{text("zh", "curve.title")}</span> <span class="en" lang="en">{text("en", "curve.title")}</span></span>
      <span class="keys">
        <span><i class="key-this" />{text("zh", "curve.this")} <span class="en" lang="en">This festival</span></span>
        {reference.value === null ? null : <span><i class="key-last" />{text("zh", "curve.last")} <span class="en" lang="en">Last</span></span>}
      </span>
    </h2>
  );
}

/** What the arcs mean, with the number of orders that one stands for. */
export function Legend() {
  const n = perArc.value;
  if (n === null) return null;
  return (
    <section class="legend">
      <p><svg viewBox="0 0 34 14" aria-hidden="true"><path d="M2 12 Q17 -4 32 12" class="out" /></svg><Both k="legend.out" /></p>
      <p><svg viewBox="0 0 34 14" aria-hidden="true"><path d="M2 2 Q17 18 32 2" class="in" /></svg><Both k="legend.in" /></p>
      <p class="scale"><Both k="legend.scale" params={{ n: <Fig path="flows.orders_per_beam" value={n}>{group(n)}</Fig> }} /></p>
    </section>
  );
}
