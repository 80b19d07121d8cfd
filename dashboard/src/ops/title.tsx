import { Fig, Label, Rich } from "../shared/figure";
import { group } from "../shared/format";
import { isKey, t } from "../shared/i18n";
import type { Alarm } from "./alarms";

/** The title with its numbers as figures. */
export function Title({ a }: { a: Alarm }) {
  const named = `ops.bound.${a.of}`;
  return <Rich k={`alarm.${a.kind}`} of={<Label>{isKey(named) ? t(named) : a.of}</Label>} n={<Fig path={`alarms.${a.id}.n`} value={a.n}>{group(a.n)}</Fig>} />;
}
