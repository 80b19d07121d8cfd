// A recording of the synthetic festival, as `festival export frames` writes one: made line by line as it is read.
import { END, frameAt, reference, START, zoned } from "./festival.mjs";

/** Lines of a recording that begins at `from` (Unix ms) and has `seconds` frames. `head` is the first line without its reference. */
export function* recordLines(head, from, seconds, state = {}) {
  const points = Array.from({ length: 1440 }, (_, i) => { const n = i === 1439 ? 86399 : i * 60; return { n, gmv_fen: reference(n + 1) }; });
  yield `${JSON.stringify({ replay: 1, ...head, reference: { day: points } })}\n`;
  for (let s = 0; s < seconds; s++) yield `${JSON.stringify(frameAt(from + s * 1000, state))}\n`;
}

/** The whole day and what a file of it would be asked for. */
export const DAY = { from: START, seconds: (END - START) / 1000 };
export { zoned };
