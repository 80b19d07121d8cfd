// The press desk: say a figure aloud within ten seconds, with its second, definition and status.
import "../shared/fonts.css";
import "../shared/languages";
import "../shared/page.css";
import "./desk.css";
import { render } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { ALL, offer, t } from "../shared/i18n";
import { startSession } from "../shared/session";
import { Head } from "../shared/shell";
import { AsOf, Lookup } from "./lookup";
import { Milestones } from "./milestones";
import { copy, NumberBlock } from "./number";
import { startDesk, unpin } from "./store";
import { Breakdown } from "./tables";
import { Timeline } from "./timeline";

function Desk() {
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const onKey = (e: KeyboardEvent): void => key(e, field.current);
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, []);
  return (
    <>
      <Head title={t("app.desk")} tools={<Lookup field={field} />} />
      <main class="desk">
        <div class="top"><div><NumberBlock /><Timeline /></div><Milestones /></div>
        <AsOf />
        <Breakdown />
      </main>
    </>
  );
}

/** Single letters are off while a field has focus. */
function key(e: KeyboardEvent, field: HTMLInputElement | null): void {
  if (e.key === "Escape") {
    unpin();
    field?.blur();
  }
  if (e.target instanceof HTMLInputElement || e.ctrlKey || e.metaKey || e.altKey) return;
  if (e.key === "/") {
    e.preventDefault();
    field?.focus();
    field?.select();
  }
  if (e.key === "c" || e.key === "C") void copy();
}

document.documentElement.dataset.theme = "paper";
offer(ALL);
startSession();
startDesk();
const root = document.getElementById("app");
if (root !== null) render(<Desk />, root);
