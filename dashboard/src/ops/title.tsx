import { Fig, Label, Rich } from "../shared/figure";
import { group } from "../shared/format";
import { isKey, locale, t } from "../shared/i18n";
import type { Alarm } from "./alarms";
import { amount } from "./amount";

/** The title with its numbers as figures. Of the disk they are bytes, and the words its own. */
export function Title({ a }: { a: Alarm }) {
  const named = `ops.bound.${a.of}`;
  const own = `alarm.${a.kind}.${a.of}`;
  const figure = (name: "n" | "m") => {
    const said = a.of === "disk" ? amount(a[name], "bytes", locale.value) : { text: group(a[name]), value: a[name] };
    return <Fig path={`alarms.${a.id}.${name}`} value={said.value}>{said.text}</Fig>;
  };
  return <Rich k={isKey(own) ? own : `alarm.${a.kind}`} of={<Label>{isKey(named) ? t(named) : a.of}</Label>} n={figure("n")} m={figure("m")} />;
}
