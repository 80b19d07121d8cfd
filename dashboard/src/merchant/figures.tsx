import type { ComponentChildren } from "preact";
import { Fig, Rich } from "../shared/figure";
import { floorDiv, group, percent, share, yuan, yuanFen } from "../shared/format";
import { num, t } from "../shared/i18n";
import { Badge, Sign, Words } from "../shared/shell";
import { total } from "./store";

/** The merchant's own number and its state; four facts beside it. */
export function Figures() {
  const own = total.value;
  const money = own === null ? null : yuanFen(own.gmv_fen);
  return (
    <div class="figures">
      <section class="own">
        <h2 class="panel-title">{t("merchant.today")} <small>{t("gmv.definition")}</small></h2>
        {own === null || money === null
          ? <p class="figure"><span class="yen">¥</span><span class="still" /></p>
          : <p class={`figure${own.gmv_fen === 0 ? " zero" : ""}`} data-figure="total.gmv_fen" data-value={own.gmv_fen} aria-label={`${yuan(own.gmv_fen).text} yuan`}>
              <Sign /><span>{num(money.whole)}</span><span class="cents">{num(`.${money.cents}`)}</span>
            </p>}
        <div class="status"><Badge /><Words />{own !== null && own.orders === 0 ? <span>{t("merchant.empty")}</span> : null}</div>
      </section>
      <Facts />
    </div>
  );
}

function Facts() {
  const own = total.value;
  if (own === null) return null;
  const basket = own.orders > 0 ? yuanFen(floorDiv(own.gmv_fen, own.orders)) : null;
  const mobile = percent(share(own.mobile_gmv_fen, own.gmv_fen));
  const byOrders = percent(share(own.mobile_orders, own.orders));
  const refunds = yuanFen(own.refund_fen);
  return (
    <dl class="facts">
      <Fact label={t("merchant.orders")} note={<Rich k="merchant.created" n={<Fig path="total.created" value={own.created}>{num(group(own.created))}</Fig>} />}><span data-figure="total.orders" data-value={own.orders}>{num(group(own.orders))}</span></Fact>
      <Fact label={t("merchant.basket")}>{basket === null ? "–" : <span data-figure="basket_fen" data-value={basket.value}>{num(basket.whole)}<small>{num(`.${basket.cents}`)}</small></span>}</Fact>
      <Fact label={t("merchant.mobile")} note={byOrders.value === "" ? null : <Rich k="merchant.mobileOrders" share={<Fig path="mobile.share_orders" value={byOrders.value}>{num(byOrders.text)}</Fig>} />}><span data-figure="mobile.share_gmv" data-value={mobile.value}>{num(mobile.text)}{mobile.value === "" ? "" : "%"}</span></Fact>
      <Fact label={t("merchant.refunds")} note={<Rich k="merchant.refundsNote" n={<Fig path="total.refunds" value={own.refunds}>{num(group(own.refunds))}</Fig>} />}><span data-figure="total.refund_fen" data-value={own.refund_fen}>{num(refunds.whole)}<small>{num(`.${refunds.cents}`)}</small></span></Fact>
    </dl>
  );
}

function Fact({ label, note = null, children }: { label: string; note?: ComponentChildren; children: ComponentChildren }) {
  return <div><dt>{label}</dt><dd>{children}</dd><dd class="note">{note ?? "\u00a0"}</dd></div>;
}
