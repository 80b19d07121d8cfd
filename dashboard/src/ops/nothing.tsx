// What stands where operations would: the same for who may not and for a program without this page; and where operators of other
// machines type their token.
import { useState } from "preact/hooks";
import { t } from "../shared/i18n";
import { setToken } from "../shared/token";
import { wrongToken } from "./store";

export function Nothing() {
  const [typed, setTyped] = useState("");
  return (
    <main class="nothing">
      <h2>{t("merchant.none")}</h2>
      <p>{t("ops.loopbackOnly")}</p>
      <form class="hold-form" onSubmit={(e) => { e.preventDefault(); setToken(typed); }}>
        <label>{t("ops.token")}<input type="password" autocomplete="off" maxLength={256} value={typed} onInput={(e) => setTyped(e.currentTarget.value)} /></label>
        {wrongToken.value ? <p class="problem" role="alert">{t("ops.tokenWrong")}</p> : null}
        <p class="actions"><button type="submit" class="primary" disabled={typed.trim() === ""}>{t("ops.tokenUse")}</button></p>
      </form>
    </main>
  );
}
