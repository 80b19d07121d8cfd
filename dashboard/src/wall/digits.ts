// The hero figure as columns of digits. A column that changes rarely rolls upward; a fast one snaps, at most every 50 ms
// (cameras strobe). No masks: a plain clip costs nothing, a mask costs eight frames a second without a GPU.
import { floorDiv, group } from "../shared/format";

const ROLL_MS = 420;
/** A roll begins this far in: its first picture is seen to move, so the old digit cannot be read beside new ones. */
const HEAD_START_MS = 60;
const STEP_MS = 50;
/** With fewer pictures than one in this time nothing rolls: it would only be seen late. */
const SMOOTH_MS = 100;
/** 0 to 9 and 0 to 2 once more, so that 9 rolls on to 0, 1 or 2 without going back. */
const STRIP = "0123456789012";

interface Column {
  strip: HTMLElement;
  digit: number;
  changedAt: number;
  rollFrom: number;
  rollTo: number;
  rollStart: number;
  rolling: boolean;
}

/** Width in em of `n` digits with their commas and the sign, to keep long figures on the stage. */
const widthEm = (n: number): number => n * 0.605 + Math.floor((n - 1) / 3) * 0.25 + 0.5;

/**
 * Draws whole yuan or dollars into `root` and keeps data-value and the accessible name of `figure` in step with the digits that can be
 * read.
 */
export class Digits {
  /** The whole yuan or dollars that can be read now; -1 before the first. */
  shown = -1;
  /** False: digits only snap. */
  motion = true;
  private columns: Column[] = [];
  private size = 190;
  private room = 1776;
  private steppedAt = -Infinity;
  private lastFrame = -Infinity;
  private currency: "CNY" | "USD" = "CNY";

  constructor(private readonly figure: HTMLElement, private readonly root: HTMLElement) {}

  /** The digits' size and the width that the whole figure may take, in u. */
  resize(size: number, room: number): void {
    this.size = size;
    this.room = room;
    this.fit();
  }

  /** Advances the figure to `minor` (fen, or cents) at `now`; returns whether the readable number changed. Another currency snaps. */
  frame(minor: number, now: number, currency: "CNY" | "USD" = "CNY"): boolean {
    const whole = floorDiv(minor, 100);
    const other = currency !== this.currency;
    this.currency = currency;
    const step = other || (whole !== this.shown && (now - this.steppedAt >= STEP_MS || this.shown < 0));
    if (step) this.show(whole, now, !other && this.motion && now - this.lastFrame < SMOOTH_MS);
    this.lastFrame = now;
    for (const column of this.columns) if (column.rolling) roll(column, now);
    return step;
  }

  private show(whole: number, now: number, rolls: boolean): void {
    const digits = String(whole);
    const first = this.shown < 0 || digits.length !== this.columns.length;
    if (digits.length !== this.columns.length) this.build(digits.length);
    this.columns.forEach((column, i) => set(column, Number(digits[i]), now, rolls && !first));
    this.shown = whole;
    this.steppedAt = now;
    this.figure.dataset.value = String(whole * 100);
    this.figure.setAttribute("aria-label", `${group(whole)} ${this.currency === "USD" ? "US dollars" : "yuan"}`);
  }

  private build(n: number): void {
    this.root.replaceChildren();
    this.columns = [];
    for (let i = 0; i < n; i++) {
      if (i > 0 && (n - i) % 3 === 0) this.root.append(element("comma", ","));
      const strip = element("strip");
      for (const digit of STRIP) strip.append(element("", digit));
      const cell = element("cell");
      cell.append(strip);
      this.root.append(cell);
      this.columns.push({ strip, digit: 0, changedAt: -Infinity, rollFrom: 0, rollTo: 0, rollStart: 0, rolling: false });
    }
    this.fit();
  }

  private fit(): void {
    this.figure.style.setProperty("--fit", Math.min(1, this.room / this.size / widthEm(this.columns.length)).toFixed(4));
  }
}

function set(column: Column, digit: number, now: number, motion: boolean): void {
  if (digit === column.digit) return;
  const slow = now - column.changedAt > ROLL_MS;
  const distance = (digit - column.digit + 10) % 10;
  column.changedAt = now;
  if (motion && slow && column.digit + distance < STRIP.length) {
    Object.assign(column, { rollFrom: column.digit, rollTo: column.digit + distance, rollStart: now - HEAD_START_MS, rolling: true });
  } else {
    column.rolling = false;
    move(column, digit);
  }
  column.digit = digit;
}

function roll(column: Column, now: number): void {
  const done = Math.min(1, (now - column.rollStart) / ROLL_MS);
  const eased = 1 - (1 - done) ** 3;
  move(column, column.rollFrom + (column.rollTo - column.rollFrom) * eased);
  if (done < 1) return;
  column.rolling = false;
  move(column, column.digit);
}

function move(column: Column, position: number): void {
  column.strip.style.transform = `translateY(${(-position * 100) / STRIP.length}%)`;
}

function element(className: string, text = ""): HTMLElement {
  const span = document.createElement("span");
  if (className) span.className = className;
  span.textContent = text;
  return span;
}
