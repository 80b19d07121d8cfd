// Operations: see in two seconds whether a person is needed, where, and what the wall says meanwhile.
import "../shared/fonts.css";
import "../shared/page.css";
import "./ops.css";
import { render } from "preact";
import { useEffect } from "preact/hooks";
import { yuan } from "../shared/format";
import { offer, t, TWO } from "../shared/i18n";
import { newest, shown, startSession, truth } from "../shared/session";
import { Badge, Head, Mark, Sign, Words } from "../shared/shell";
import { Alarms, incompleteSince } from "./alarmbox";
import { ACTIONS, Dialogs } from "./dialogs";
import { Foot } from "./foot";
import { PartitionTable } from "./partitions";
import { Processes } from "./processes";
import { Side } from "./side";
import { Nothing } from "./nothing";
import { opened, refused, startOps } from "./store";

function Ops() {
  useEffect(() => {
    addEventListener("keydown", key);
    return () => removeEventListener("keydown", key);
  }, []);
  return (
    <>
      <Head title={t("app.ops")} tools={<Tools />} utc languages={TWO}>
        <OnWall />
        <Badge since={incompleteSince()} />
      </Head>
      {refused.value ? <Nothing /> : (
        <main class="ops">
          <div>
            {truth.value?.state === "lost" && newest.value !== null ? <p class="calm lost"><Mark shape="broken" /><Words /></p> : null}
            <Alarms />
            <PartitionTable />
            <Foot />
            <Processes />
          </div>
          <Side />
        </main>
      )}
      <Dialogs />
    </>
  );
}

function OnWall() {
  const frame = shown.value;
  return (
    <span class="on-wall">{t("ops.onWall")}
      {frame === null ? <b>¥<span class="still" /></b> : <b data-figure="total.gmv_fen" data-value={yuan(frame.total.gmv_fen).value} aria-label={`${yuan(frame.total.gmv_fen).text} yuan`}><Sign />{yuan(frame.total.gmv_fen).text}</b>}
    </span>
  );
}

function Tools() {
  return (
    <>
      <button type="button" onClick={ACTIONS.h}>{t(newest.value?.frozen ? "hold.releaseShort" : "hold.short")}<kbd>H</kbd></button>
      <button type="button" onClick={ACTIONS["/"]}>{t("ops.commands")}<kbd>/</kbd></button>
    </>
  );
}

/** Single letters are off while a field has focus or a dialog is open. */
function key(e: KeyboardEvent): void {
  if (e.target instanceof HTMLInputElement || e.ctrlKey || e.metaKey || e.altKey || opened.value !== null) return;
  const action = ACTIONS[e.key.toLowerCase()];
  if (action === undefined) return;
  e.preventDefault();
  action();
}

document.documentElement.dataset.theme = "night";
offer(TWO);
startSession();
startOps();
const root = document.getElementById("app");
if (root !== null) render(<Ops />, root);
