// From flows to beams of light: one arc stands for n orders across the border, in proportion to the newest second.
import type { KeyedSum } from "../shared/types";
import { HUBS } from "./hubs";

/** More than this a second blur into one (the 2013 lesson: a pool that limits arcs). */
export const MOST_PER_SECOND = 20;
/** n is chosen so that about this many arcs fly a second. */
const WANTED_PER_SECOND = 14;
/** Frames, about seconds, for which another n must be better before it is taken. */
const PATIENCE = 20;
const HOME = "CN";

export interface Flight {
  from: string;
  to: string;
  /** Out of China (gold, curved up) or into it (sky, curved down). */
  out: boolean;
}

/** 1, 2, 5, 10, 20, 50, ... at or above x. */
export function niceAbove(x: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, x)));
  for (const step of [1, 2, 5, 10]) if (step * power >= x) return step * power;
  return 10 * power;
}

/**
 * Turns the growth of each flow between two shown frames into flights. Keeps the rest below one arc per flow, so that small
 * countries get their beam too, only more rarely.
 */
export class ArcPlanner {
  /** Orders per arc, as printed in the legend; null before the first flow. */
  perArc: number | null = null;
  private before: Map<string, number> | null = null;
  private readonly owed = new Map<string, number>();
  private perSecond = 0;
  private wrongFor = 0;

  /** Flights for the time between the last frame and this one; none for the first. */
  plan(frame: { flows: readonly KeyedSum[] }): Flight[] {
    const now = new Map(frame.flows.filter((f) => crosses(f.key)).map((f) => [f.key, f.orders]));
    const grown: [key: string, orders: number][] = [];
    if (this.before !== null) for (const [key, orders] of now) grown.push([key, Math.max(0, orders - (this.before.get(key) ?? orders))]);
    this.before = now;
    const sum = grown.reduce((n, [, orders]) => n + orders, 0);
    this.scale(sum);
    return this.perArc === null ? [] : this.spend(grown, this.perArc);
  }

  // Changes n only when it was wrong for a while, or when arcs would have to be left out, so that the legend stands still.
  private scale(sum: number): void {
    this.perSecond = this.perSecond === 0 ? sum : this.perSecond * 0.9 + sum * 0.1;
    if (this.perSecond === 0) return;
    const wanted = niceAbove(this.perSecond / WANTED_PER_SECOND);
    this.wrongFor = wanted === this.perArc ? 0 : this.wrongFor + 1;
    if (this.perArc === null || this.wrongFor > PATIENCE || this.perSecond / this.perArc > MOST_PER_SECOND) this.perArc = wanted;
  }

  private spend(grown: [string, number][], perArc: number): Flight[] {
    const flights: Flight[] = [];
    for (const [key, orders] of grown) {
      let owed = (this.owed.get(key) ?? 0) + orders / perArc;
      while (owed >= 1 && flights.length < MOST_PER_SECOND) {
        owed--;
        const [from = "", to = ""] = key.split(">");
        flights.push({ from, to, out: from === HOME });
      }
      this.owed.set(key, Math.min(owed, 2));
    }
    return interleave(flights);
  }
}

/**
 * Orders that one arc on screen stands for, as the legend says: on a machine that flies only a part of the arcs it is more.
 * Null where none fly: a scale of what nobody sees would be a lie.
 */
export function ordersPerArc(perArc: number | null, flown: number): number | null {
  return perArc === null || flown <= 0 ? null : Math.round(perArc / flown);
}

function crosses(key: string): boolean {
  const [from = "", to = ""] = key.split(">");
  return from !== to && (from === HOME || to === HOME) && HUBS.has(from) && HUBS.has(to);
}

// Golden-ratio order: neighbours in time come from far-apart places in the list, always the same way.
function interleave<T>(list: T[]): T[] {
  return list.map((item, i) => [(i * 0.618034) % 1, item] as const).sort((a, b) => a[0] - b[0]).map(([, item]) => item);
}
