// Lower third or wings: mobile share, ranking, curve's title, legend. All of one settled frame.
import { Fig } from "../shared/figure";
import { group, money, percent, unitFor } from "../shared/format";
import { text } from "../shared/i18n";
import { provinceName } from "../shared/names";
import { runs } from "./curve";
import { choice } from "./director";
import { marketName, markets } from "./markets";
import { Both, order, Pair } from "./header";
import { layout, perArc, reference, settled } from "./store";

const HOME = "CN";
/** Rows of the ranking, in two columns. */
const ROWS = { std: 8, ultra: 12 } as const;
const TICKS = 64;

/** 64 ticks from −220° to +40°; as many are lit as the share says. */
export function Gauge() {
  const by = choice.value.share;
  const share = settled.value?.mobile[by === "gmv" ? "share_gmv" : "share_orders"] ?? null;
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
      <p class="gauge-value" data-figure={`mobile.share_${by}`} data-value={shown.value}><b>{shown.text}</b><span>%</span></p>
      <h2><Both k={by === "gmv" ? "mobile.gmv" : "mobile.orders"} /></h2>
    </section>
  );
}

/** Largest markets abroad, or provinces. Rows keep their element and slide to their new place. */
export function Ranking() {
  const frame = settled.value;
  const by = choice.value.ranking;
  const { kind } = layout.value;
  const most = ROWS[kind];
  const list = by === "countries" ? markets.value : frame?.provinces ?? [];
  const rows = list.filter((c) => c.key !== HOME && c.key !== "unknown" && c.gmv_fen > 0).sort((a, b) => b.gmv_fen - a.gmv_fen).slice(0, most);
  const top = rows[0]?.gmv_fen ?? 1;
  const [first] = order();
  const [zh, en] = [unitFor(top), money(top, "en").unit];
  const inEnglish = first === "en" ? `RMB${en}` : zh.zh ? `in ${zh.zh} (${zh.en})` : "in RMB";
  const ordered = rows.map((row, i) => ({ row, i })).sort((a, b) => (a.row.key < b.row.key ? -1 : 1)); // DOM order stands still
  const title = by === "countries" ? "ranking.top" : "ranking.provinces";
  return (
    <section class="ranking">
      <h2 class="title" data-label><Pair zh={`${text("zh", title)} TOP ${most}`} en={`${text("en", title)}, ${inEnglish}`} /></h2>
      <ol>
        {ordered.map(({ row, i }) => {
          const shown = money(row.gmv_fen, first, top);
          return (
            <li key={row.key} style={{ "--row": String(i % (most / 2)), "--column": String(Math.floor(i / (most / 2))), "--bar": (row.gmv_fen / top).toFixed(3) /* a change that nobody sees starts no transition */ }}>
              <i class="rank" data-label>{i + 1}</i>
              <Name code={row.key} by={by} value={shown.text} />
              <b data-figure={`${by}.${row.key}.gmv_fen`} data-value={shown.value}>{shown.text}</b>
              <span class="bar"><span /></span>
            </li>
          );
        })}
      </ol>
      {rows.length === 0 && frame !== null ? <Both className="both empty" k="ranking.empty" /> : null}
    </section>
  );
}

/** A name in both languages; where the row is too narrow for the second, it wraps out of sight. A first one that is too long is set smaller, never cut (widths in u). */
function Name({ code, by, value }: { code: string; by: "countries" | "provinces"; value: string }) {
  const { kind, wing } = layout.value;
  const [first] = order();
  const name = by === "countries" ? marketName : provinceName;
  const [zh, en] = [name(code, "zh"), name(code, "en")];
  const size = kind === "std" ? 22 : 36;
  const row = kind === "std" ? 284 : (wing - 490) / 2;
  const letters = first === "zh" ? zh.length : en.length * 0.55;
  const room = row / size - 2 - value.length * 0.58;
  const smaller = letters > room ? { style: { fontSize: `${(room / letters).toFixed(2)}em` } } : {};
  return <span class="country" {...smaller}><Pair zh={zh} en={en} className="wrapping" /></span>;
}

export function CurveTitle() {
  const points = reference.value;
  const marks = points !== null && runs(points).some((run) => run.length === 1);
  return (
    <h2 class="title curve-title">
      <Both k="curve.title" />
      <span class="keys">
        <span><i class="key-this" /><Both k="curve.this" /></span>
        {points === null ? null : <span><i class={marks ? "key-mark" : "key-last"} /><Both k={marks ? "curve.mark" : "curve.last"} /></span>}
      </span>
    </h2>
  );
}

/** What the arcs mean, with the number of orders that one stands for. */
export function Legend() {
  const n = perArc.value;
  const words = n === 1 ? "legend.one" : "legend.scale";
  return (
    <section class="legend">
      <p><svg viewBox="0 0 34 14" aria-hidden="true"><path d="M2 12 Q17 -4 32 12" class="out" /></svg><Both k="legend.out" /></p>
      <p><svg viewBox="0 0 34 14" aria-hidden="true"><path d="M2 2 Q17 18 32 2" class="in" /></svg><Both k="legend.in" /></p>
      {n === null ? null : <p class="scale"><Both k={words} params={{ n: <Fig path="flows.orders_per_beam" value={n}>{group(n)}</Fig> }} /></p>}
    </section>
  );
}
