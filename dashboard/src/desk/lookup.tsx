import type { RefObject } from "preact";
import { useRef } from "preact/hooks";
import { At, Label, Rich } from "../shared/figure";
import { group, yuanFen } from "../shared/format";
import { num, t } from "../shared/i18n";
import { lookUp, lookupProblem, pinned, unpin } from "./store";

/** The field for any second; `/` goes to it. */
export function Lookup({ field }: { field: RefObject<HTMLInputElement | null> }) {
  const form = useRef<HTMLFormElement>(null);
  return (
    <form class="lookup" ref={form} onSubmit={(e) => { e.preventDefault(); void lookUp(field.current?.value ?? ""); }}>
      <label for="second">{t("desk.lookup")}</label>
      <input id="second" ref={field} inputMode="numeric" autocomplete="off" placeholder={t("desk.lookupHint")} size={9} />
      <kbd>/</kbd>
      {lookupProblem.value === null ? null : <span class="problem" role="alert"><Label>{t(lookupProblem.value)}</Label></span>}
    </form>
  );
}

/** What was on air at the pinned second. The number on top stays live. */
export function AsOf() {
  const pin = pinned.value;
  if (pin === null) return null;
  const frame = pin.frame;
  const money = yuanFen(frame.total.gmv_fen);
  const answered = Date.parse(frame.second);
  return (
    <section class="as-of" role="status">
      <b><Rich k="truth.asOf" time={<At ms={pin.asked} />} /></b>
      <span>{t("desk.onAirAt")} <strong data-figure="asof.total.gmv_fen" data-value={money.value}>¥{num(money.whole)}<span class="dec">{num(`.${money.cents}`)}</span></strong></span>
      <span>{t("desk.orders")} <strong data-figure="asof.total.orders" data-value={frame.total.orders}>{num(group(frame.total.orders))}</strong></span>
      {answered === pin.asked ? null : <span><Rich k="desk.answeredBy" time={<At ms={answered} />} /></span>}
      <span>{t(`certainty.${frame.certainty}`)}{frame.complete ? "" : `, ${t("state.incomplete")}`}</span>
      {frame.hash ? <span class="hash"><Rich k="desk.hash" hash={<Label>{`${frame.hash.slice(0, 8)} … ${frame.hash.slice(-8)}`}</Label>} /></span> : null}
      <span class="space" />
      <button type="button" onClick={unpin}>{t("desk.backToNow")}<kbd>Esc</kbd></button>
    </section>
  );
}
