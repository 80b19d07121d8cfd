// The operator's hold: screens rest on the figure that they show, frames go on. It asks for a name, a reason and the typed
// figure, and shows the record before it is written.
import { useState } from "preact/hooks";
import { setHold } from "../shared/api";
import { At, Fig, Label, Rich } from "../shared/figure";
import { yuan } from "../shared/format";
import { t } from "../shared/i18n";
import { newest, shown } from "../shared/session";
import { operator, remember } from "../shared/walls";

const digits = (text: string): string => text.replace(/\D/g, "");

export function HoldDialog({ done }: { done: () => void }) {
  const held = newest.value?.frozen ?? null;
  const [figure] = useState(shown.value?.total.gmv_fen ?? null); // as it was when the dialog opened: it moves on meanwhile
  const [by, setBy] = useState(operator());
  const [reason, setReason] = useState("");
  const [typed, setTyped] = useState("");
  const [problem, setProblem] = useState("");
  if (figure === null) return <p>{t("truth.loading")}</p>;
  const wanted = yuan(figure);
  const ready = by.trim() !== "" && (held !== null || (reason.trim() !== "" && digits(typed) === digits(wanted.text)));
  const send = async (): Promise<void> => {
    const answer = await setHold(held === null, by.trim(), reason.trim());
    if (!answer.ok) {
      setProblem(answer.status === 404 || answer.status === 405 ? t("hold.none") : answer.detail || answer.title || t("hold.failed"));
      return;
    }
    remember(by.trim());
    done();
  };
  return (
    <form class="hold-form" onSubmit={(e) => { e.preventDefault(); if (ready) void send(); }}>
      <p>{held === null ? t("hold.words") : <Rich k="hold.isHeld" time={<At ms={Date.parse(held.since)} />} reason={<Label>{held.reason}</Label>} />}</p>
      <label>{t("hold.by")}<input value={by} maxLength={64} onInput={(e) => setBy(e.currentTarget.value)} /></label>
      {held !== null ? null : (
        <>
          <label>{t("hold.reason")}<input value={reason} maxLength={120} onInput={(e) => setReason(e.currentTarget.value)} autoFocus /></label>
          <label><span><Rich k="hold.figure" n={<Fig path="total.gmv_fen" value={wanted.value}>{wanted.text}</Fig>} /></span><input value={typed} inputMode="numeric" autocomplete="off" onInput={(e) => setTyped(e.currentTarget.value)} /></label>
        </>
      )}
      <p class="note">{t("hold.record")}</p>
      <p class="command"><code>{JSON.stringify(held === null ? { held: true, by: by.trim(), reason: reason.trim() } : { held: false, by: by.trim() })}</code></p>
      {problem === "" ? null : <p class="problem" role="alert" data-label>{problem}</p>}
      <p class="actions"><button type="submit" class="primary stop" disabled={!ready}>{t(held === null ? "hold.do" : "hold.release")}</button></p>
    </form>
  );
}
