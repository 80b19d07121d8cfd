import { describe, expect, it } from "vitest";
import { Player } from "../shared/player";
import { frame, seeded, START_MS } from "../shared/testing";
import type { Frame } from "../shared/types";
import { headOf, linesOf, Recording, secondOf } from "./recording";
import { Replay, replayOf } from "./replay";
import { PlayTime } from "./time";

const seed = Number(process.env.SEED ?? Date.now() % 1e9);
const body = (text: string, size: number): ReadableStream<Uint8Array> => {
  const bytes = new TextEncoder().encode(text);
  return new ReadableStream({ start(c) { for (let i = 0; i < bytes.length; i += size) c.enqueue(bytes.slice(i, i + size)); c.close(); } });
};
async function* given(frames: readonly Frame[]): AsyncGenerator<string> {
  for (const f of frames) yield JSON.stringify(f);
}
/** Lets what was promised happen. */
const turn = async (): Promise<void> => { for (let i = 0; i < 40; i++) await Promise.resolve(); };

describe("recording", () => {
  it("gives the lines whatever the chunks, in any language, with or without a last line feed", async () => {
    for (const end of ["", "\n"]) {
      for (const size of [1, 2, 3, 7, 1000]) {
        const lines: string[] = [];
        for await (const line of linesOf(body(`{"replay":1}\n双11\n\nлента${end}`, size))) lines.push(line);
        expect(lines).toEqual(['{"replay":1}', "双11", "", "лента"]);
      }
    }
  });
  it("knows its first line and nothing else", () => {
    expect(headOf('{"replay":1,"festival":{"id":"f"}}')).toMatchObject({ festival: { id: "f" }, reference: {}, milestones: [] });
    for (const line of [undefined, "", "<html>", "[]", '{"replay":2,"festival":{}}', JSON.stringify(frame(1, 1))]) expect(headOf(line)).toBeNull();
    expect(secondOf(JSON.stringify(frame(5, 1)))).toBe(START_MS + 5000);
    expect(secondOf("half a fra")).toBeNull();
  });
  it("reads no further ahead than it has to, and passes over what was before the asked second", async () => {
    let read = 0;
    const frames = Array.from({ length: 500 }, (_, i) => frame(i, i));
    async function* counted(): AsyncGenerator<string> { for await (const line of given(frames)) { read++; yield line; } }
    const passed: number[] = [];
    const recording = new Recording(counted(), 1, START_MS + 130_000, (f) => passed.push(f.seq));
    const done = recording.run();
    for (let i = 0; i < 40; i++) await turn();
    expect(passed).toEqual([0, 60, 120]);
    expect(recording.peek()?.seq).toBe(130);
    expect(read).toBeLessThan(150);
    for (let i = 130; i < 500; i++) {
      expect(recording.take()?.seq).toBe(i);
      await turn();
    }
    await done;
    expect(recording.ended).toBe(true);
  });
});

describe("address", () => {
  it("names file, speed and beginning", () => {
    expect(replayOf("?motion=off")).toBeNull();
    expect(replayOf("?replay=/replay/night.jsonl&speed=20&from=21:30")).toEqual({ url: "/replay/night.jsonl", speed: 20, from: "21:30" });
    expect([replayOf("?replay=x&speed=fast")?.speed, replayOf("?replay=x&speed=-3")?.speed, replayOf("?replay=x&speed=1e9")?.speed]).toEqual([1, 1, 200]);
  });
});

describe("replay", () => {
  it(`shows each recorded number at its festival second, at any speed and picture rate (SEED=${seed})`, async () => {
    const random = seeded(seed);
    for (const speed of [0.5, 1, 2, 10, 72]) {
      let fen = 1_000_000;
      const frames = Array.from({ length: 400 }, (_, i) => frame(i, (fen += Math.floor(random() * 1e6))));
      const recording = new Recording(given(frames), speed, -Infinity);
      void recording.run();
      const replay = new Replay(recording, speed);
      const player = new Player();
      const time = new PlayTime(0, speed);
      const seen = new Set<number>();
      for (let real = 0; !replay.over || seen.size === 0; real += 5 + random() * 25) {
        await turn();
        time.limit = replay.limit();
        const now = time.at(real);
        for (const f of replay.due(now)) player.offer(f, now, false, Date.parse(f.second) + 1500 - (replay.offset ?? 0));
        const shown = player.advance(now);
        if (shown === null || replay.offset === null) continue;
        const s = Math.floor((now + replay.offset - 1500 - START_MS) / 1000);
        const [at, next] = [frames[Math.max(0, s)], frames[Math.max(0, s) + 1]];
        if (at === undefined || next === undefined) continue;
        expect(player.settled?.seq, `speed ${speed}, second ${s}`).toBe(at.seq);
        expect(shown).toBeGreaterThanOrEqual(at.total.gmv_fen);
        expect(shown).toBeLessThanOrEqual(next.total.gmv_fen);
        seen.add(at.seq);
      }
      expect(seen.size).toBeGreaterThan(speed > 10 ? 100 : 390);
    }
  });

  it("waits for a frame that has not been read, and stands still after the last", async () => {
    let give: () => void = () => {};
    const late = new Promise<void>((done) => { give = done; });
    async function* slow(): AsyncGenerator<string> { yield* given([frame(0, 100), frame(1, 200)]); await late; yield* given([frame(2, 300)]); }
    const recording = new Recording(slow(), 1, -Infinity);
    const done = recording.run();
    const replay = new Replay(recording);
    const player = new Player();
    const time = new PlayTime(0);
    const play = async (from: number, to: number): Promise<number | null> => {
      let shown: number | null = null;
      for (let real = from; real <= to; real += 16) {
        await turn();
        time.limit = replay.limit();
        const now = time.at(real);
        for (const f of replay.due(now)) player.offer(f, now, false, Date.parse(f.second) + 1500 - (replay.offset ?? 0));
        shown = player.advance(now);
      }
      return shown;
    };
    expect(await play(0, 60_000)).toBe(200);
    const stood = time.at(60_000);
    give();
    expect(await play(60_016, 90_000)).toBe(300);
    await done;
    expect(replay.over).toBe(true);
    expect(time.at(90_000) - stood).toBeLessThan(3000);
    expect(await play(90_016, 95_000)).toBe(300);
  });
});

describe("play time", () => {
  it("is the real one at speed 1, never falls, never passes its limit", () => {
    const plain = new PlayTime(100);
    expect([100, 350, 200, 9000].map((t) => plain.at(t))).toEqual([100, 350, 350, 9000]);
    const fast = new PlayTime(0, 10);
    fast.limit = 500;
    expect([10, 40, 1000].map((t) => fast.at(t))).toEqual([100, 400, 500]);
    fast.limit = 700;
    expect(fast.at(1010)).toBe(600);
  });
});
