// A merchant's own page: own totals and own curve by minute.
import "../shared/fonts.css";
import "../shared/languages";
import "../shared/page.css";
import "./merchant.css";
import { render } from "preact";
import { ALL, offer, t } from "../shared/i18n";
import { startSession } from "../shared/session";
import { Badge, Head } from "../shared/shell";
import { MerchantCurve } from "./curve";
import { Figures } from "./figures";
import { id, refused, startMerchant, total } from "./store";
import { setTheme, theme } from "./theme";

function Merchant() {
  const known = id !== "" && !refused.value;
  return (
    <>
      <Head title={<>{t("merchant.title")}{known ? <small class="id" data-label>{id}</small> : null}</>} tools={<Themes />} fen={total.value?.gmv_fen ?? null} />
      <main class="merchant">{known ? <><Figures /><MerchantCurve /></> : <Nothing />}</main>
    </>
  );
}

function Themes() {
  return (
    <span class="segments" role="group">
      {(["paper", "night"] as const).map((name) => <button key={name} type="button" aria-pressed={theme.value === name} onClick={() => setTheme(name)}>{t(name === "paper" ? "theme.light" : "theme.dark")}</button>)}
    </span>
  );
}

/** By script: the server's content policy lets no form be sent. */
function open(merchant: FormDataEntryValue | null): void {
  if (typeof merchant === "string" && merchant !== "") location.search = `?id=${encodeURIComponent(merchant)}`;
}

/** The same for a merchant that does not exist and one that is not yours. */
function Nothing() {
  return (
    <section class="nothing">
      <h2>{t("merchant.none")}</h2>
      <p>{t("merchant.noneHint")}</p>
      <form onSubmit={(e) => { e.preventDefault(); open(new FormData(e.currentTarget).get("id")); }}>
        <input name="id" aria-label={t("merchant.id")} placeholder="m20417" defaultValue={id} maxLength={64} required />
        <button type="submit" class="primary">{t("merchant.go")}</button>
      </form>
      <div class="status"><Badge /></div>
    </section>
  );
}

setTheme(theme.value);
offer(ALL);
startSession();
startMerchant();
const root = document.getElementById("app");
if (root !== null) render(<Merchant />, root);
