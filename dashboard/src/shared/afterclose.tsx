// What came after the books were closed stands beside the final figure, never in it (DESIGN.md §2).
import { Fig, Rich } from "./figure";
import { group, yuanFen } from "./format";
import type { Locale } from "./i18n";
import type { Frame } from "./types";

const money = (path: string, fen: number) => {
  const shown = yuanFen(fen);
  return <Fig path={path} value={shown.value}>¥{shown.whole}.{shown.cents}</Fig>;
};

/** Paid orders after the close, their GMV, and the figure with them; nothing of a festival that is not closed. */
export function AfterClose({ frame, language }: { frame: Frame; language?: Locale }) {
  if (frame.phase !== "closed") return null;
  const { after_close: n, after_close_fen: fen, gmv_fen } = frame.total;
  const said = language === undefined ? {} : { language };
  if (n === 0) return <Rich k="after.none" {...said} />;
  return <Rich k="after.line" {...said} n={<Fig path="total.after_close" value={n}>{group(n)}</Fig>} fen={money("total.after_close_fen", fen)} sum={money("total.gmv_with_after_close_fen", gmv_fen + fen)} />;
}
