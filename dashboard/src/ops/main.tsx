// Operations: see in two seconds whether a person is needed, where, and what the wall says meanwhile.
import "../shared/fonts.css";
import "../shared/page.css";
import "./ops.css";
import { render } from "preact";
import { yuan } from "../shared/format";
import { t } from "../shared/i18n";
import { shown, startSession } from "../shared/session";
import { Badge, Head, Sign, Words } from "../shared/shell";
import { Alarms, PartitionTable } from "./partitions";
import { Quiet, Rejects, Samples } from "./rejects";
import { startOps } from "./store";

function Ops() {
  const frame = shown.value;
  return (
    <>
      <Head title={t("app.ops")}>
        <span class="on-wall">{t("ops.onWall")}
          {frame === null ? <b>¥ –</b> : <b data-figure="total.gmv_fen" data-value={yuan(frame.total.gmv_fen).value} aria-label={`${yuan(frame.total.gmv_fen).text} yuan`}><Sign />{yuan(frame.total.gmv_fen).text}</b>}
        </span>
        <Badge />
      </Head>
      <main class="ops">
        <div>
          <div class="status"><Words /></div>
          <Alarms />
          <PartitionTable />
        </div>
        <aside><Rejects /><Samples /><Quiet /></aside>
      </main>
    </>
  );
}

document.documentElement.dataset.theme = "night";
startSession();
startOps();
const root = document.getElementById("app");
if (root !== null) render(<Ops />, root);
