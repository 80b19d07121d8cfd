// How far the figure on screen can be trusted at this moment (wall.md §5, pages.md §1): one state, one age, one second.
// Two questions that must not be mixed: does the line live (frames or beats come), and how old is the data (the frame's age
// on the server's clock, which beats tell also while no frame comes).
import type { Frame, Incomplete } from "./types";

/** Values of data-state on the truth badge (CONTRACT.md §5). */
export type State = "live" | "stale" | "lost" | "incomplete" | "frozen" | "final" | "before";

/** The stream as a page sees it; local monotonic ms. `since` is when the page began to wait, `lastEvent` the newest frame or beat. */
export interface Link {
  since: number;
  lastEvent: number | null;
  attempts: number;
}

export interface Truth {
  state: State;
  /** Age of the data in ms; null before the first frame. */
  ageMs: number | null;
  /** ms since the last frame or beat. */
  silentMs: number;
  /** The moment that the shown figure stands for, Unix ms. */
  asOf: number | null;
  incomplete: Incomplete[];
  /** Data so old that the stage loses its colour and the second is named. */
  faded: boolean;
  /** Figures stand on an official number, nothing rolls. */
  resting: boolean;
}

/** Neither frame nor beat for this long: the link is lost. Under the promised 5 s, with room for a late tick and for painting. */
export const LOST_SILENT_MS = 4500;
export const REST_MS = 3000;
export const STALE_MS = 5000;
export const FADED_MS = 30000;

/** The frame whose certainty belongs to the figure on screen: while the number is held, that of the frame on which it rests. */
export const certain = (newest: Frame, shown: Frame | null): Frame => (newest.frozen === null ? newest : shown ?? newest);

/** Judges the newest accepted frame. `local` is monotonic ms, `server` the server's clock in Unix ms. */
export function judgeTruth(frame: Frame | null, link: Link, local: number, server: number): Truth {
  const silentMs = local - (link.lastEvent ?? link.since);
  const ageMs = frame === null ? null : Math.max(0, frame.fresh_ms + Math.max(0, server - Date.parse(frame.second)));
  const state = stateOf(frame, silentMs > LOST_SILENT_MS, ageMs ?? 0);
  return {
    state,
    ageMs,
    silentMs,
    asOf: frame === null ? null : asOf(frame),
    incomplete: frame?.incomplete ?? [],
    faded: (state === "stale" || state === "lost" || state === "incomplete") && (ageMs ?? 0) > FADED_MS,
    resting: state === "lost" || state === "frozen" || (ageMs ?? 0) > REST_MS,
  };
}

/** The moment up to which a frame's data reaches, Unix ms: data that is a second late or more stands for an earlier one than the frame's second. */
export const reachesTo = (frame: Frame): number => Date.parse(frame.second) - Math.floor(frame.fresh_ms / 1000) * 1000;

const asOf = (frame: Frame): number => (frame.frozen === null ? reachesTo(frame) : Date.parse(frame.frozen.second));

// Order matters: what the page cannot know comes first, then a held figure (the one on screen is older than the frames, so a festival
// that was closed meanwhile does not make it final), then what cannot change any more, then what is wrong.
function stateOf(frame: Frame | null, lost: boolean, ageMs: number): State {
  if (lost || frame === null) return "lost";
  if (frame.frozen !== null) return "frozen";
  if (frame.certainty === "final") return "final";
  if (frame.phase === "before") return "before";
  if (!frame.complete) return "incomplete";
  if (ageMs > STALE_MS) return "stale";
  return "live";
}
