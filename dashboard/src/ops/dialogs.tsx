// What opens over the page: what to do, a command to type, the hold, all samples, commands and keys. One at a time; the browser's
// own <dialog> keeps the focus inside, closes on Esc and gives the focus back.
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { isKey, t } from "../shared/i18n";
import { type Alarm, commandsIn } from "./alarms";
import { HoldDialog } from "./hold";
import { Sample } from "./side";
import { acknowledge, alarms, opened, rejects, worstFirst } from "./store";
import { Title } from "./title";

const close = (): void => { opened.value = null; };

export function Dialogs() {
  const now = opened.value;
  switch (now?.kind) {
    case "advice": return <Shell title={<Title a={now.alarm} />}><Advice a={now.alarm} /></Shell>;
    case "sign": return <Shell title={<Title a={now.alarm} />}><p>{t("sign.words")}</p><Command text={now.command} /><p class="note">{t("sign.note")}</p></Shell>;
    case "hold": return <Shell title={t("hold.title")}><HoldDialog done={close} /></Shell>;
    case "samples": return <Shell title={t("ops.samples")} wide><ol class="samples">{(rejects.value?.newest ?? []).map((s) => <Sample key={`${s.partition}/${s.offset}`} s={s} whole />)}</ol></Shell>;
    case "commands": return <Shell title={t("ops.commands")}><Commands /></Shell>;
    case "keys": return <Shell title={t("keys.title")}><Keys /></Shell>;
    default: return null;
  }
}

function Shell({ title, wide = false, children }: { title: ComponentChildren; wide?: boolean; children: ComponentChildren }) {
  const box = useRef<HTMLDialogElement>(null);
  useEffect(() => box.current?.showModal(), []);
  return (
    <dialog ref={box} class={wide ? "wide" : ""} onClose={close} onClick={(e) => { if (e.target === box.current) close(); }}>
      <header><h2>{title}</h2><button type="button" onClick={close}>{t("dialog.close")}<kbd>Esc</kbd></button></header>
      <div class="body">{children}</div>
    </dialog>
  );
}

/** The passage of docs/operations.md in short: what it means, what happens to figures, what to do first. */
function Advice({ a }: { a: Alarm }) {
  const { gap, recount } = commandsIn(a.reason);
  return (
    <>
      {a.reason === "" ? null : <p class="reason" data-label>{a.reason.replace(/`/g, "")}</p>}
      <p>{t(`alarm.effect.${a.kind}`)}</p>
      <ol class="steps">{t(`advice.${a.kind}`).split("\n").map((step) => <li key={step}>{step}</li>)}</ol>
      {recount === null ? null : <Command text={recount} />}
      {gap === null ? null : <Command text={gap} />}
      <p class="note">docs/operations.md: {t(`passage.${a.kind}`)}</p>
    </>
  );
}

/** A command to type, with a button that copies it. */
export function Command({ text }: { text: string }) {
  const [copied, setCopied] = useState(false);
  const copy = (): void => void navigator.clipboard.writeText(text).then(() => setCopied(true), () => setCopied(false));
  return <p class="command"><code>{text}</code><button type="button" onClick={copy}>{copied ? t("desk.copied") : t("dialog.copy")}</button></p>;
}

const KEYS = ["1", "A", "H", "R", "W", "S", "/", "?", "Esc"] as const;

function Keys() {
  return <dl class="keys">{KEYS.map((k) => <div key={k}><dt><kbd>{k}</kbd></dt><dd>{isKey(`keys.${k}`) ? t(`keys.${k}`) : ""}</dd></div>)}</dl>;
}

/** What a key or the command list does. */
export const ACTIONS: Record<string, () => void> = {
  "1": () => { const a = alarms.value[0]; if (a) opened.value = { kind: "advice", alarm: a }; },
  a: () => acknowledge(),
  h: () => { opened.value = { kind: "hold" }; },
  r: () => document.querySelector<HTMLElement>(".remote input")?.focus(), // which brings it into sight
  w: () => { worstFirst.value = !worstFirst.value; },
  s: () => { opened.value = { kind: "samples" }; },
  "/": () => { opened.value = { kind: "commands" }; },
  "?": () => { opened.value = { kind: "keys" }; },
};

/** Find a command by its words, or a partition by its number; Enter does the first. */
function Commands() {
  const [typed, setTyped] = useState("");
  const found = KEYS.filter((k) => k !== "Esc" && k !== "/").map((k) => ({ k, words: isKey(`keys.${k}`) ? t(`keys.${k}`) : "" })).filter((c) => c.words.toLowerCase().includes(typed.toLowerCase()) || c.k.toLowerCase() === typed.toLowerCase());
  const run = (): void => {
    close();
    const row = /^\d+$/.test(typed.trim()) ? document.querySelector<HTMLElement>(`tr[data-partition="${typed.trim()}"]`) : null;
    if (row !== null) setTimeout(() => row.focus());
    else if (found[0] !== undefined) ACTIONS[found[0].k.toLowerCase()]?.();
  };
  return (
    <form class="find" onSubmit={(e) => { e.preventDefault(); run(); }}>
      <input aria-label={t("ops.commands")} placeholder={t("commands.hint")} value={typed} onInput={(e) => setTyped(e.currentTarget.value)} autoFocus />
      <ul>{found.map((c) => <li key={c.k}><button type="button" onClick={() => { close(); ACTIONS[c.k.toLowerCase()]?.(); }}>{c.words}<kbd>{c.k}</kbd></button></li>)}</ul>
    </form>
  );
}
