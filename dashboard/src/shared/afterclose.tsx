// What came after the books were closed stands beside the final figure, never in it (DESIGN.md §2).
import { Fig, Rich } from "./figure";
import { group, yuanFen } from "./format";
import { type Locale, locale, num } from "./i18n";
import type { Frame } from "./types";

const money = (path: string, fen: number, language: Locale) => {
  const shown = yuanFen(fen);
  return <Fig path={path} value={shown.value}>¥{num(`${shown.whole}.${shown.cents}`, language)}</Fig>;
};

/** Paid orders after the close, their GMV, and the figure with them; nothing of a festival that is not closed. */
export function AfterClose({ frame, language }: { frame: Frame; language?: Locale }) {
  if (frame.phase !== "closed") return null;
  const { after_close: n, after_close_fen: fen, gmv_fen } = frame.total;
  const said = language ?? locale.value;
  if (n === 0) return <Rich k="after.none" language={said} />;
  return <Rich k="after.line" language={said} n={<Fig path="total.after_close" value={n}>{num(group(n), said)}</Fig>} fen={money("total.after_close_fen", fen, said)} sum={money("total.gmv_with_after_close_fen", gmv_fen + fen, said)} />;
}
