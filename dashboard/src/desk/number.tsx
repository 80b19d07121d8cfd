import { signal } from "@preact/signals";
import { BILLION_FEN, chinese, floorDiv, group, inUnit, MILLION_FEN, yuan, yuanFen } from "../shared/format";
import { locale, num, t, text } from "../shared/i18n";
import { AfterClose } from "../shared/afterclose";
import { festival, newest, shown, truth, zone } from "../shared/session";
import { Badge, Sign, Words } from "../shared/shell";
import type { Frame } from "../shared/types";

const copied = signal(false);

/** The number, its three units, its state in words; what a spokesperson reads aloud. */
export function NumberBlock() {
  const frame = shown.value;
  return (
    <section class="number">
      <h2 class="panel-title">{t("gmv.label")} <small>{t("gmv.definition")}</small></h2>
      {frame === null
        ? <p class="figure"><span class="yen">¥</span><span class="still" /></p>
        : <p class={`figure${frame.total.gmv_fen === 0 ? " zero" : ""}`} data-figure="total.gmv_fen" data-value={yuan(frame.total.gmv_fen).value} aria-label={`${yuan(frame.total.gmv_fen).text} yuan`}>
            <Sign /><span>{num(yuan(frame.total.gmv_fen).text)}</span>
          </p>}
      <Units frame={frame} />
      {frame?.phase === "closed" ? <p class="after-close"><AfterClose frame={frame} /></p> : null}
      <div class="status"><Badge /><Words />{frame === null ? null : <button type="button" onClick={() => void copy(frame)}>{copied.value ? t("desk.copied") : t("desk.copy")}<kbd>C</kbd></button>}</div>
      {frame === null ? null : <Facts frame={frame} />}
    </section>
  );
}

/** Languages in which 亿 is said; beside English, because the desk answers both. */
const ASIAN: ReadonlySet<string> = new Set(["zh", "en"]);

function Units({ frame }: { frame: Frame | null }) {
  if (frame === null) return <p class="units">&nbsp;</p>;
  const fen = frame.total.gmv_fen;
  const usd = frame.total.gmv_usd_cents;
  const zh = chinese(fen);
  const en = short(fen);
  const dollars = usd === null ? null : short(usd);
  return (
    <p class="units">
      {ASIAN.has(locale.value) ? <span data-figure="total.gmv_fen" data-value={zh.value}><b>{num(zh.text)}</b> {zh.unit}元</span> : null}
      <span data-figure="total.gmv_fen" data-value={en.value}><b>{num(en.text)}</b> {en.unit} RMB</span>
      {dollars === null ? null : <span data-figure="total.gmv_usd_cents" data-value={dollars.value}><b>{num(dollars.text)}</b> {dollars.unit} USD</span>}
    </p>
  );
}

/** English short scale of an amount in hundredths: billion from one billion, million below. */
function short(hundredths: number) {
  const billion = hundredths >= BILLION_FEN;
  return { ...inUnit(hundredths, billion ? BILLION_FEN : MILLION_FEN), unit: t(billion ? "unit.billion" : "unit.million") };
}

function Facts({ frame }: { frame: Frame }) {
  const { orders, created, refund_fen, net_fen } = frame.total;
  const count = (key: "desk.orders" | "desk.created", path: string, n: number) => <div><dt>{t(key)}</dt><dd data-figure={path} data-value={n}>{num(group(n))}</dd></div>;
  const money = (key: "desk.refunds" | "desk.net", path: string, fen: number) => {
    const m = yuanFen(fen);
    return <div><dt>{t(key)}</dt><dd data-figure={path} data-value={m.value}>¥{num(m.whole)}<span class="dec">{num(`.${m.cents}`)}</span></dd></div>;
  };
  return (
    <dl class="facts">
      {count("desk.orders", "total.orders", orders)}
      {count("desk.created", "total.created", created)}
      {money("desk.refunds", "total.refund_fen", refund_fen)}
      {money("desk.net", "total.net_fen", net_fen)}
    </dl>
  );
}

/** The figure with its second, definition and status, as it may be pasted into a message. */
export function quote(frame: Frame): string {
  const z = zone.value;
  const second = Date.parse(frame.second);
  const name = festival.value?.name[locale.value === "zh" ? "zh" : "en"] ?? "";
  const lines = [
    frame.rehearsal ? `${text("zh", "rehearsal.long")} ${text("en", "rehearsal.long")}` : "",
    `${name} ${t("gmv.label")} ¥${num(yuan(frame.total.gmv_fen).text)}`,
    `${t("truth.asOf", { time: `${z.date(second, locale.value)} ${z.clock(second)} ${z.name(locale.value)}` })}`,
    `${t("gmv.definition")}`,
    `${t(`certainty.${frame.certainty}`)}${frame.complete ? "" : `, ${t("state.incomplete")}`}${truth.value?.state === "stale" ? `, ${t("state.stale", { s: floorDiv(truth.value.ageMs ?? 0, 1000) })}` : ""}`,
    frame.hash ? t("desk.hash", { hash: `${frame.hash.slice(0, 8)} … ${frame.hash.slice(-8)}` }) : "",
  ];
  return lines.filter(Boolean).join("\n");
}

export async function copy(frame: Frame | null = newest.value): Promise<void> {
  if (frame === null) return;
  try {
    await navigator.clipboard.writeText(quote(frame));
    copied.value = true;
    setTimeout(() => { copied.value = false; }, 2000);
  } catch {
    // without the permission there is nothing to say that the browser has not said
  }
}
