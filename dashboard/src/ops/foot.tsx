// Under the partitions: how long the work takes, how full what is bounded is, what recounts and operators have said.
import { At, Fig, Label, Rich } from "../shared/figure";
import { group } from "../shared/format";
import { isKey, locale, t, type Key } from "../shared/i18n";
import { clock } from "../shared/session";
import type { Bound, Disk, Ops, Timing } from "../shared/types";
import { boundsOf, diskCare, MARK } from "./alarms";
import { amount } from "./amount";
import { Spark } from "./spark";
import { ops } from "./store";

const WORK = ["orders", "cells", "flush", "frame_store", "frame_age"] as const;
const BOUNDS = ["fingerprints", "buffered_rows", "changed_cells", "disk"] as const;

export function Foot() {
  const known = ops.value;
  return <div class="foot"><Flushes known={known} /><Bounds known={known} /><Verify known={known} /></div>;
}

/** Of each kind of work the process that takes longest. */
function worst(known: Ops | null, name: string): Timing | null {
  const all = (known?.processes ?? []).flatMap((p) => p.timings).filter((w) => w.name === name && w.n > 0);
  return all.sort((a, b) => (b.p99_ms ?? 0) - (a.p99_ms ?? 0))[0] ?? null;
}

function Flushes({ known }: { known: Ops | null }) {
  return (
    <section>
      <h2 class="panel-title">{t("ops.flushes")} <small><Rich k="ops.flushesNote" n={<Label>10</Label>} /></small><span class="space" /><small class="p"><Label>p50</Label></small><small class="p"><Label>p99</Label></small></h2>
      <ul class="works">{WORK.map((name) => <Work key={name} name={name} w={worst(known, name)} />)}</ul>
      <p class="note">{known === null ? "" : <Totals known={known} />}</p>
    </section>
  );
}

function Work({ name, w }: { name: string; w: Timing | null }) {
  const cell = (p: "p50_ms" | "p99_ms") => <b data-figure={`timings.${name}.${p}`} data-value={w?.[p] ?? ""}>{w?.[p] === null || w === null ? "–" : group(w[p] ?? 0)}</b>;
  return <li><span>{t(`ops.work.${name}` as Key)}</span><Spark values={w?.line_ms ?? []} width={92} height={20} />{cell("p50_ms")}{cell("p99_ms")}</li>;
}

function Totals({ known }: { known: Ops }) {
  const retries = known.processes.reduce((n, p) => n + p.retries, 0);
  const restarts = known.children.reduce((n, c) => n + c.restarts, 0);
  return <Rich k="ops.retries" n={<Fig path="retries" value={retries}>{group(retries)}</Fig>} m={<Fig path="restarts" value={restarts}>{group(restarts)}</Fig>} />;
}

function Bounds({ known }: { known: Ops | null }) {
  const all = known === null ? [] : boundsOf(known);
  return (
    <section>
      <h2 class="panel-title">{t("ops.bounds")} <small><Rich k="ops.boundsNote" n={<Label>{MARK}</Label>} /></small></h2>
      <ul class="bounds">{BOUNDS.map((name) => <BoundRow key={name} name={name} b={all.find((b) => b.name === name) ?? null} disk={name === "disk" ? known?.disk ?? null : null} />)}</ul>
    </section>
  );
}

function careOf(b: Bound | null): "stop" | "warn" | null {
  if (b === null) return null;
  return b.used >= b.limit ? "stop" : b.used * 100 >= b.limit * MARK ? "warn" : null;
}

/** The disk's mark stands where little is left, not at a share of it. */
function BoundRow({ name, b, disk }: { name: string; b: Bound | null; disk: Disk | null }) {
  const label = `ops.bound.${name}`;
  const part = b === null || b.limit <= 0 ? 0 : Math.min(1, b.used / b.limit);
  const care = disk === null ? careOf(b) : diskCare(disk);
  const mark = disk === null ? MARK : Math.max(0, 100 - (200 * disk.keep) / Math.max(1, disk.limit));
  return (
    <li class={`bound${care === null ? "" : ` bound-${care}`}`}>
      <span>{isKey(label) ? t(label) : name}</span>
      {b === null ? <span>–</span> : <Used b={b} />}
      <i class="track"><i style={{ width: `${(part * 100).toFixed(2)}%` }} /><u style={{ left: `${mark.toFixed(2)}%` }} /></i>
    </li>
  );
}

function Used({ b }: { b: Bound }) {
  const used = amount(b.used, b.unit, locale.value);
  const limit = amount(b.limit, b.unit, locale.value);
  return <span class="used"><b data-figure={`bounds.${b.name}.used`} data-value={used.value}>{used.text}</b> <Rich k="ops.of" n={<Fig path={`bounds.${b.name}.limit`} value={limit.value}>{limit.text}</Fig>} /></span>;
}

function Verify({ known }: { known: Ops | null }) {
  const v = known?.verify ?? null;
  const row = (key: Key, path: string, n: number | undefined) => <li><span>{t(key)}</span><b data-figure={path} data-value={n ?? ""}>{n === undefined ? "–" : group(n)}</b></li>;
  const behind = v?.to ? Math.max(0, Math.floor((clock.value - Date.parse(v.to)) / 1000)) : null;
  return (
    <section>
      <h2 class="panel-title">{t("ops.verify")}</h2>
      <ul class="lines">
        <li><span>{t("ops.recount")}</span><b>{behind === null ? t("ops.noRecount") : <Rich k="ops.behind" s={<Fig path="verify.behind_s" value={behind}>{group(behind)}</Fig>} />}</b></li>
        {row("ops.framesVerified", "verify.frames", v?.frames)}
        {row("ops.differences", "verify.differences", v?.differences)}
        {row("ops.officialFrames", "frames.seq", known?.frames.seq)}
        {known === null ? null : <Publisher frames={known.frames} />}
      </ul>
      {known === null ? null : <p class="hold"><HoldWords known={known} /></p>}
    </section>
  );
}

/** Which serve makes the official frames, and how much of the topic on which several agree this one has not read. */
function Publisher({ frames }: { frames: Ops["frames"] }) {
  const who = frames.publishing ? t("ops.thisServe") : frames.by !== null ? "" : t(frames.instance === null ? "ops.otherServe" : "ops.nobody");
  return (
    <>
      <li><span>{t("ops.publishedBy")}</span><b class="by" title={frames.by ?? ""}>{who} {frames.by === null ? null : <span data-label>{frames.by}</span>}</b></li>
      {frames.topic_lag === null ? null : <li><span>{t("ops.topicLag")}</span><b data-figure="frames.topic_lag" data-value={frames.topic_lag}>{group(frames.topic_lag)}</b></li>}
    </>
  );
}

/** The hold that is on, or the last one; then the newest sign-off. */
function HoldWords({ known }: { known: Ops }) {
  const [last, before] = known.holds;
  const signed = known.signoffs[0];
  const who = (text: string) => <Label>{text}</Label>;
  return (
    <>
      {last === undefined ? t("ops.neverHeld")
        : last.held ? <Rich k="ops.held" time={<At ms={Date.parse(last.at)} />} by={who(last.by)} reason={who(last.reason)} />
        : <Rich k="ops.lastHold" from={<At ms={before?.held ? Date.parse(before.at) : null} />} to={<At ms={Date.parse(last.at)} />} by={who(before?.by ?? last.by)} reason={who(before?.reason ?? "")} />}
      {signed === undefined ? null : <><br /><Rich k={`ops.signed.${signed.kind}`} p={who(String(signed.partition))} time={<At ms={Date.parse(signed.at)} />} by={who(signed.by)}
        first={<Fig path="signoffs.0.first" value={signed.first}>{group(signed.first)}</Fig>} end={<Fig path="signoffs.0.end" value={signed.end}>{group(signed.end)}</Fig>} /></>}
    </>
  );
}
