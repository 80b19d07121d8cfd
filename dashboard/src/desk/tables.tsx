import { signal } from "@preact/signals";
import { Fig, Label, Rich } from "../shared/figure";
import { floorDiv, group, percent, share, yuanFen } from "../shared/format";
import { isKey, locale, num, t } from "../shared/i18n";
import { countryName, provinceName } from "../shared/names";
import { shown } from "../shared/session";
import type { BreakdownRow, Frame } from "../shared/types";
import { categories, type Dim, dim, loadCategories, pinned } from "./store";

const DIMS: readonly Dim[] = ["country", "device", "province", "category"];
/** Rows before "the rest". */
const FIRST = 15;
const all = signal(false);

export function Breakdown() {
  const frame = pinned.value?.frame ?? shown.value;
  return (
    <section class="breakdown">
      <div class="tabs" role="tablist">
        {DIMS.map((d) => (
          <button key={d} type="button" role="tab" aria-selected={dim.value === d} disabled={d === "category" && pinned.value !== null} onClick={() => { dim.value = d; if (d === "category") void loadCategories(); }}>{t(`dim.${d}`)}</button>
        ))}
      </div>
      {frame === null ? <p class="empty">{t("truth.loading")}</p> : <Table frame={frame} of={pinned.value !== null && dim.value === "category" ? "country" : dim.value} />}
    </section>
  );
}

/** Rows of a dimension, largest first, and the total they must sum to. Frames hold three of the four whole. */
function rowsOf(frame: Frame, of: Dim): { rows: BreakdownRow[]; totalFen: number; totalOrders: number } | null {
  if (of === "category") {
    const rows = categories.value;
    if (rows === null) return null;
    return { rows, totalFen: rows.reduce((n, r) => n + r.gmv_fen, 0), totalOrders: rows.reduce((n, r) => n + r.orders, 0) };
  }
  const rows: BreakdownRow[] = of === "country" ? frame.countries : of === "device" ? frame.devices : frame.provinces;
  return { rows: [...rows].sort((a, b) => b.gmv_fen - a.gmv_fen), totalFen: frame.total.gmv_fen, totalOrders: frame.total.orders };
}

function Table({ frame, of }: { frame: Frame; of: Dim }) {
  const found = rowsOf(frame, of);
  if (found === null) return <p class="empty">{t("desk.breakdownWait")}</p>;
  const { rows, totalFen, totalOrders } = found;
  const visible = all.value ? rows : rows.slice(0, FIRST);
  const restFen = totalFen - visible.reduce((n, r) => n + r.gmv_fen, 0);
  const restOrders = totalOrders - visible.reduce((n, r) => n + r.orders, 0);
  const withMobile = rows.some((r) => r.mobile_gmv_fen !== undefined);
  const mobile = rows.reduce((n, r) => n + (r.mobile_gmv_fen ?? 0), 0);
  const base = pinned.value === null ? "" : "asof.";
  const path = `${base}${PATHS[of]}`;
  const whole = of === "category" ? `${path}.total` : `${base}total`;
  return (
    <table>
      <thead>
        <tr><th class="l">{t(`dim.${of}`)}</th><th>{t("col.gmv")}</th><th>{t("col.share")}</th><th>{t("col.orders")}</th><th>{t("col.basket")}</th>{withMobile ? <th>{t("col.mobile")}</th> : null}</tr>
      </thead>
      <tbody>
        <tr class="total"><td class="l"><Rich k="col.total" n={<Fig path={`${path}.count`} value={rows.length}>{rows.length}</Fig>} /></td><Cells path={whole} fen={totalFen} orders={totalOrders} whole={totalFen} {...(withMobile ? { mobile } : {})} /></tr>
        {visible.map((r, i) => (
          <tr key={r.key}>
            <td class="l"><i class="rank" data-label>{i + 1}</i><Label>{nameOf(of, r.key)}</Label></td>
            <Cells path={`${path}.${r.key}`} fen={r.gmv_fen} orders={r.orders} whole={totalFen} {...(r.mobile_gmv_fen === undefined ? {} : { mobile: r.mobile_gmv_fen })} />
          </tr>
        ))}
        {restFen > 0 || rows.length > visible.length ? (
          <tr class="rest"><td class="l">{rows.length > FIRST ? <button type="button" class="link" onClick={() => { all.value = !all.value; }}><Rest n={rows.length - visible.length} path={`${path}.rest.count`} /></button> : <Rest n={0} path={`${path}.rest.count`} />}</td><Cells path={`${path}.rest`} fen={restFen} orders={restOrders} whole={totalFen} />{withMobile ? <td /> : null}</tr>
        ) : null}
      </tbody>
    </table>
  );
}

const PATHS: Record<Dim, string> = { country: "countries", device: "devices", province: "provinces", category: "categories" };

function Rest({ n, path }: { n: number; path: string }) {
  return n > 0 ? <Rich k="col.restOf" n={<Fig path={path} value={n}>{n}</Fig>} /> : <>{t("col.rest")}</>;
}

function Cells({ path, fen, orders, whole, mobile }: { path: string; fen: number; orders: number; whole: number; mobile?: number }) {
  const money = yuanFen(fen);
  const part = percent(share(fen, whole), 2);
  const basket = orders > 0 ? yuanFen(floorDiv(fen, orders)) : null;
  const phone = mobile === undefined || fen <= 0 ? null : percent(share(mobile, fen));
  return (
    <>
      <td data-figure={`${path}.gmv_fen`} data-value={money.value}>{num(money.whole)}<span class="dec">{num(`.${money.cents}`)}</span></td>
      <td data-figure={`${path}.share_gmv`} data-value={part.value}>{num(part.text)}{part.value === "" ? "" : "%"}</td>
      <td data-figure={`${path}.orders`} data-value={orders}>{num(group(orders))}</td>
      <td data-figure={`${path}.basket_fen`} data-value={basket?.value ?? ""}>{basket === null ? "–" : <>{num(basket.whole)}<span class="dec">{num(`.${basket.cents}`)}</span></>}</td>
      {mobile === undefined ? null : <td data-figure={`${path}.mobile_share_gmv`} data-value={phone?.value ?? ""}>{phone === null ? "–" : `${num(phone.text)}%`}</td>}
    </>
  );
}

/** A key in words; one that the catalogue does not know shows as it is. */
export function nameOf(of: Dim, key: string): string {
  if (of === "country") return countryName(key, locale.value);
  if (of === "province") return provinceName(key, locale.value);
  const named = `${of}.${key}`;
  return isKey(named) ? t(named) : key;
}
