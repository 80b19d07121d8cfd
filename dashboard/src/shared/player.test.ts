import { describe, expect, it } from "vitest";
import { Player } from "./player";
import { Playhead } from "./playhead";
import { frame, seeded } from "./testing";
import { certain, judgeTruth } from "./truth";

describe("playhead", () => {
  it("plays one interval late and rests exactly on the official number", () => {
    const head = new Playhead();
    head.push(1000, 0, true);
    expect(head.value(0)).toBe(1000);
    head.push(2000, 1000, false);
    expect(head.value(1000)).toBe(1000);
    expect(head.value(1500)).toBe(1500);
    expect(head.value(2000)).toBe(2000);
    expect(head.value(900_000)).toBe(2000); // silence: nothing is extrapolated
  });
  it("arrives although the same number is pushed every second", () => {
    const head = new Playhead();
    head.push(0, 0, true);
    head.push(1e12, 5000, false);
    for (let t = 5500; t < 7000; t += 500) head.push(1e12, t, false);
    expect(head.value(7000)).toBe(1e12);
  });
  it("reaches each number when it is due, and waits for its turn", () => {
    const head = new Playhead();
    head.push(0, 0, true);
    head.push(1000, 300, false, 1500); // second 0 came 300 ms late
    head.push(3000, 1100, false, 2500);
    expect([400, 500, 1000, 1500, 2000, 2500, 9000].map((t) => head.value(t))).toEqual([0, 0, 500, 1000, 2000, 3000, 3000]);
  });
  it("leaves out the way there when a number comes after it was due", () => {
    const head = new Playhead();
    head.push(0, 0, true);
    head.push(1000, 100, false, 1500);
    head.push(5000, 5000, false, 2500);
    expect(head.value(5000)).toBe(1000);
    expect(head.value(5700)).toBe(5000);
    expect(head.atRest(5700)).toBe(true);
  });
  it("does not wait for a wrong clock", () => {
    const head = new Playhead();
    head.push(0, 0, true);
    head.push(1000, 0, false, 1e9);
    expect(head.value(3000)).toBe(1000);
  });
  it("keeps whole fen near 2^53", () => {
    const head = new Playhead();
    head.push(2 ** 53 - 1001, 0, true);
    head.push(2 ** 53 - 1, 1000, false);
    for (let t = 1000; t < 2600; t += 16) expect(Number.isSafeInteger(head.value(t))).toBe(true);
    expect(head.value(2600)).toBe(2 ** 53 - 1);
  });
});

describe("player, random histories", () => {
  const seed = Number(process.env.SEED ?? Date.now() % 1e9);
  it(`is never ahead of an official number, never falls, settles in order (SEED=${seed})`, () => {
    const random = seeded(seed);
    for (let round = 0; round < 60; round++) playRandom(random);
  });
});

describe("two screens", () => {
  const seed = Number(process.env.SEED ?? Date.now() % 1e9);
  it(`show the same number in the same moment, whatever the line's delay (SEED=${seed})`, () => {
    const random = seeded(seed);
    const screens = [new Player(), new Player()] as const;
    const arrivals: { at: number; seq: number; gmv: number; screen: number }[] = [];
    let gmv = 1e9;
    for (let seq = 1; seq <= 60; seq++) {
      gmv += Math.floor(random() * 1e8);
      // Both get it within the half second before its playing begins (its second, half a second later, one second long).
      for (const screen of [0, 1]) arrivals.push({ at: seq * 1000 + random() * 490, seq, gmv, screen });
    }
    arrivals.sort((a, b) => a.at - b.at);
    for (let now = 1000; now < 63_000; now += 16) {
      while (arrivals[0] !== undefined && arrivals[0].at <= now) {
        const a = arrivals.shift();
        if (a) screens[a.screen]?.offer(frame(a.seq, a.gmv), a.at, false, a.seq * 1000 + 1500);
      }
      const [left, right] = screens.map((s) => s.advance(now));
      if (now > 1500 && left !== right) expect.fail(`${left} beside ${right} at ${now} ms`);
    }
    expect(screens[0].advance(70_000)).toBe(gmv);
  });
});

// Two minutes of frames with jitter, gaps, live frames, repeats, frames that fall or lag; stepped 16.7 ms at a time.
function playRandom(random: () => number): void {
  const player = new Player();
  let gmv = Math.floor(random() * 1e12);
  let highest = 0;
  let shown = -1;
  let seq = 100;
  let due = 0;
  for (let now = 0; now < 120_000; now += 16.7) {
    if (now >= due) {
      due += random() < 0.05 ? 4000 : 600 + random() * 800;
      gmv += Math.floor(random() ** 3 * 1e10);
      seq++;
      const kind = highest === 0 ? 1 : random(); // the first one is an honest one
      if (kind < 0.1) player.offer(frame(seq, gmv + 1e11, { official: false }), now, false);
      else if (kind < 0.2) player.offer(frame(seq, gmv - 1e12), now, false);
      else if (kind < 0.3) player.offer(frame(seq, gmv + 1e11, { positions: { "0": seq * 10, "1": 3 } }), now, false);
      else if (player.offer(frame(seq, gmv), now, random() < 0.05, random() < 0.5 ? undefined : now + random() * 4000 - 1500) === "play") highest = gmv;
    }
    const fen = player.advance(now);
    if (fen === null) continue;
    // Plain comparisons: a million expect() calls take half a minute.
    if (fen > highest || fen < shown) expect.fail(`shown ${fen} after ${shown}, official ${highest}, at ${now} ms`);
    if ((player.settled?.total.gmv_fen ?? 0) > fen) expect.fail(`a part is ahead of the total at ${now} ms`);
    shown = fen;
  }
  expect(player.advance(200_000)).toBe(highest);
  expect(player.settled?.total.gmv_fen).toBe(highest);
}

describe("player", () => {
  it("shows the first frame at once", () => {
    const player = new Player();
    player.offer(frame(1, 777), 0, false);
    expect(player.advance(0)).toBe(777);
  });
  it("rests while frozen and goes on after", () => {
    const player = new Player();
    player.offer(frame(1, 100), 0, false);
    const frozen = { second: frame(1, 0).second, reason: "hold", since: frame(2, 0).second };
    expect(player.offer(frame(2, 200, { frozen }), 1000, false)).toBe("play");
    expect(player.advance(5000)).toBe(100);
    expect(player.newest?.frozen).toEqual(frozen);
    player.offer(frame(3, 300), 6000, false);
    expect(player.advance(9000)).toBe(300);
  });
  it("on a closing night says frozen and shows that number until the release, also over the final figure", () => {
    const player = new Player();
    const frozen = { second: frame(1, 0).second, reason: "closing timetable", since: frame(2, 0).second };
    const seen = (now: number): [string, number | null, string | undefined] => {
      const link = { since: 0, lastEvent: now, attempts: 0 };
      const shown = player.advance(now);
      return [judgeTruth(player.newest, link, now, Date.parse(player.newest?.second ?? "")).state, shown, player.newest === null ? undefined : certain(player.newest, player.settled).certainty];
    };
    player.offer(frame(1, 100), 0, false);
    player.offer(frame(2, 200, { frozen }), 1000, false);
    expect(seen(4000)).toEqual(["frozen", 100, "provisional"]);
    player.offer(frame(3, 350, { frozen, phase: "closed", certainty: "final" }), 5000, false);
    expect(seen(9000)).toEqual(["frozen", 100, "provisional"]);
    player.offer(frame(4, 350, { phase: "closed", certainty: "final" }), 10_000, false);
    expect(seen(13_000)).toEqual(["final", 350, "final"]);
  });
  it("takes the frozen frame when loaded during a freeze, and never lets it pull the figure down", () => {
    const fresh = new Player();
    fresh.offer(frame(9, 900, { frozen: { second: frame(5, 0).second, reason: "hold", since: "" } }), 0, false);
    expect(fresh.advance(1)).toBeNull();
    fresh.rest(frame(5, 500), 2);
    expect(fresh.advance(3)).toBe(500);
    const ahead = new Player();
    ahead.offer(frame(8, 800), 0, false);
    ahead.rest(frame(5, 500), 2);
    expect(ahead.advance(3)).toBe(800);
  });
  it("shows a correction at once, downwards too", () => {
    const player = new Player();
    player.offer(frame(1, 1000), 0, false);
    player.offer(frame(2, 900, { correction: { of: "a", reason: "rate" } }), 1000, false);
    expect(player.advance(1000)).toBe(900);
    expect(player.settled?.seq).toBe(2);
  });
});
