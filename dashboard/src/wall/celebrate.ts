// Milestones. The server says that one was crossed and when; the wall shows it once its own figure has passed it.
import { getMilestones } from "../shared/api";
import type { Frame, Milestone } from "../shared/types";
import { drawEmbers } from "./embers";
import type { Motion } from "./stage";
import { celebration, festival } from "./store";

const LASTS_MS = 8000;
/** A crossing older than this is history, not news: a wall that was reloaded does not celebrate it again. */
const FRESH_MS = 30_000;
/** The server may need a moment to say what the figure already shows. */
const ASK_AGAIN_MS = 1500;
const ASK_TIMES = 5;

export class Celebrator {
  private passed: number | null = null;
  private startedAt: number | null = null;
  private px = 1;

  constructor(private readonly embers: HTMLCanvasElement, private readonly motion: Motion) {}

  resize(px: number): void {
    this.px = px;
  }

  /** Called for every frame that the shown figure has reached. */
  settled(frame: Frame): void {
    const thresholds = (festival.value?.milestones_cny ?? []).map((m) => m * 100);
    if (festival.value === null) return;
    const now = thresholds.filter((t) => frame.total.gmv_fen >= t).length;
    if (this.passed !== null && now > this.passed) void this.ask(thresholds.filter((t) => t <= frame.total.gmv_fen), frame, ASK_TIMES);
    this.passed = now;
  }

  frame(now: number): void {
    if (celebration.value === null) return;
    this.startedAt ??= now;
    const age = now - this.startedAt;
    if (age > LASTS_MS) {
      celebration.value = null;
      this.startedAt = null;
      this.embers.width = this.embers.height = 0; // a full-screen canvas is paid for only while it shows
    } else if (this.motion === "full") {
      drawEmbers(this.embers, age, this.px);
    }
  }

  private async ask(crossed: number[], frame: Frame, times: number): Promise<void> {
    const known = await getMilestones();
    const largest = (known ?? []).filter((m) => isNews(m, crossed, frame)).sort((a, b) => b.threshold_fen - a.threshold_fen)[0];
    if (largest) return this.show(largest);
    if (times > 1) setTimeout(() => void this.ask(crossed, frame, times - 1), ASK_AGAIN_MS);
  }

  private show(m: Milestone): void {
    if (m.since_start_s === null || (celebration.value !== null && celebration.value.thresholdFen >= m.threshold_fen)) return;
    this.startedAt = null;
    celebration.value = { window: m.window ?? "", thresholdFen: m.threshold_fen, tookS: m.since_start_s, referenceS: m.reference_since_start_s };
  }
}

function isNews(m: Milestone, crossed: number[], frame: Frame): boolean {
  if (m.on_air_second === null || !crossed.includes(m.threshold_fen)) return false;
  return Math.abs(Date.parse(frame.second) - Date.parse(m.on_air_second)) < FRESH_MS;
}
