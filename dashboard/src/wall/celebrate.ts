// Milestones. The server says that one was crossed and when; the wall shows it once its own figure has passed it.
import { getMilestones } from "../shared/api";
import type { Frame, Milestone } from "../shared/types";
import { choice } from "./director";
import { drawEmbers } from "./embers";
import { CelebrationQueue } from "./queue";
import { celebration, currentWindow, festival, layout, milestones, windowFen } from "./store";

/** A crossing older than this is history, not news: a wall that was reloaded does not celebrate it again. */
const FRESH_MS = 30_000;
/** The server may need a moment to say what the figure already shows. */
const ASK_AGAIN_MS = 1500;
const ASK_TIMES = 5;

export class Celebrator {
  private readonly queue = new CelebrationQueue();
  private window: string | null = null;
  private passed = 0;

  /** `source` gives all milestones as they are known now, null where nobody answers. */
  constructor(private readonly embers: HTMLCanvasElement, private readonly source: () => Promise<Milestone[] | null> = getMilestones) {}

  /** Called for every frame that the shown figure has reached. */
  settled(frame: Frame): void {
    const f = festival.value;
    const window = currentWindow(f, frame, Date.parse(frame.second));
    if (f === null || window === null) return;
    const fen = windowFen(f, frame, window);
    const crossed = f.milestones_cny.map((m) => m * 100).filter((t) => fen >= t);
    if (this.window === window.id && crossed.length > this.passed) void this.ask(window.id, crossed, frame, ASK_TIMES);
    if (this.window !== window.id || milestones.value === null) void this.load();
    this.window = window.id;
    this.passed = crossed.length;
  }

  frame(now: number): void {
    if (!choice.value.celebrate) this.queue.clear();
    const shown = this.queue.at(now);
    if (shown !== celebration.value) {
      celebration.value = shown;
      this.embers.width = this.embers.height = 0; // a full-screen canvas is paid for only while it shows
    }
    const at = layout.value;
    if (shown !== null && choice.value.motion === "full") drawEmbers(this.embers, now - this.queue.since, at.width, at.canvas);
  }

  private async load(): Promise<Milestone[]> {
    const known = await this.source();
    if (known !== null) milestones.value = known;
    return known ?? [];
  }

  private async ask(window: string, crossed: number[], frame: Frame, times: number): Promise<void> {
    const news = (await this.load()).filter((m) => m.window === window && isNews(m, crossed, frame));
    for (const m of news) {
      if (m.since_start_s !== null) this.queue.offer({ window, thresholdFen: m.threshold_fen, tookS: m.since_start_s, referenceS: m.reference_since_start_s });
    }
    if (news.length === 0 && times > 1) setTimeout(() => void this.ask(window, crossed, frame, times - 1), ASK_AGAIN_MS);
  }
}

function isNews(m: Milestone, crossed: number[], frame: Frame): boolean {
  if (m.on_air_second === null || !crossed.includes(m.threshold_fen)) return false;
  return Math.abs(Date.parse(frame.second) - Date.parse(m.on_air_second)) < FRESH_MS;
}
