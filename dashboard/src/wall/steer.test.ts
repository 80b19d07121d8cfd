// @vitest-environment happy-dom
import { describe, expect, it } from "vitest";
import { Player } from "../shared/player";
import { frame, START_MS } from "../shared/testing";
import type { WallState } from "../shared/walls";
import { type Choice, choiceOf, placeOf, press } from "./director";
import { History } from "./onair";
import { wallPath } from "./screen";
import { askedOf, changeOf, Layers, partOf, rested, type Screen } from "./steer";

const OWN = choiceOf("", false);
const look = { scene: "", celebrate: "", motion: "", language: "", share: "", ranking: "", currency: "" } as const;
const state = (change: Partial<WallState> = {}): WallState => ({ ...look, frozen: null, by: "Lin", at: null, ...change });
const lobby: Screen = { ...look, name: "lobby", wall: "main", panel: "left", window: "day", scene: "number", celebrate: "off", language: "en" };
const layersOf = (search: string, kept = { keys: {}, remote: null }): Layers => new Layers(OWN, askedOf(search, false, choiceOf(search, false)), kept);

describe("layers of a wall", () => {
  it("goes from the page's own to the screen's, the remote's, the address and the keys of here", () => {
    const layers = layersOf("?screen=lobby&motion=calm");
    expect(layers.choice).toEqual({ ...OWN, motion: "calm" });
    layers.screen = partOf(lobby);
    expect(layers.choice).toEqual({ ...OWN, motion: "calm", scene: "number", celebrate: false, first: "en" });
    layers.direct(state({ scene: "world", motion: "off" }));
    expect(layers.choice).toMatchObject({ scene: "world", motion: "calm", first: "en" });
    layers.press(layers.choice, { ...layers.choice, motion: "full" });
    expect(layers.choice).toMatchObject({ scene: "world", motion: "full" });
    layers.direct(state());
    expect(layers.choice).toMatchObject({ scene: "number", motion: "full" });
  });
  it("lets a key of here go for what directors set anew, not for what they had set before, nor over the address", () => {
    const layers = layersOf("?share=orders");
    layers.press(layers.choice, { ...layers.choice, scene: "number", share: "gmv" });
    layers.direct(state({ scene: "world" }));
    expect(layers.choice).toMatchObject({ scene: "number", share: "gmv" });
    layers.direct(state({ scene: "world", share: "orders" }));
    expect(layers.choice).toMatchObject({ scene: "number", share: "gmv" });
    layers.direct(state({ scene: "all", share: "orders" }));
    expect(layers.choice).toMatchObject({ scene: "all", share: "gmv" });
  });
  it("knows after a reload what directors had set before it", () => {
    const layers = layersOf("");
    layers.direct(state());
    layers.press(layers.choice, { ...layers.choice, scene: "number" });
    const again = new Layers(OWN, {}, layers.kept);
    expect(again.choice.scene).toBe("number");
    again.direct(state({ scene: "world" }));
    expect(again.choice.scene).toBe("world");
  });
  it("asks for less motion where the machine does", () => {
    expect(askedOf("", true, choiceOf("", true))).toEqual({ motion: "off" });
    expect(askedOf("?motion=full", true, choiceOf("?motion=full", true))).toEqual({ motion: "full" });
    expect(askedOf("?screen=number&lang=en&ranking=provinces&celebrate=off&currency=USD", false, choiceOf("?screen=number&lang=en&ranking=provinces&celebrate=off&currency=USD", false)))
      .toEqual({ scene: "number", first: "en", ranking: "provinces", celebrate: false, currency: "USD" });
  });
  it("sends what a key changes, and nothing else", () => {
    const sent = (key: string, from: Partial<Choice> = {}): unknown => {
      const now = { ...OWN, ...from };
      const next = press(key, now);
      return next === null ? null : changeOf(now, next);
    };
    expect([sent("2"), sent("c"), sent("m"), sent("l"), sent("g"), sent("r"), sent("f"), sent("f", { frozen: true }), sent("d"), sent("x")])
      .toEqual([{ scene: "number" }, { celebrate: "off" }, { motion: "calm" }, { language: "en" }, { share: "orders" }, { ranking: "provinces" }, { frozen: "on" }, { frozen: "off" }, { currency: "USD" }, null]);
  });
});

describe("the screen of an address", () => {
  it("is asked for by its name, unless the page knows the word itself", () => {
    expect(["", "?screen=left", "?screen=lobby", "?screen=a%26b"].map(wallPath)).toEqual(["/api/v1/wall", "/api/v1/wall", "/api/v1/wall?screen=lobby", "/api/v1/wall?screen=a%26b"]);
  });
  it("has its panel and window, unless the address says otherwise", () => {
    expect(placeOf("?screen=lobby", lobby)).toEqual({ panel: "left", window: "day" });
    expect(placeOf("?screen=right&window=eve", lobby)).toEqual({ panel: "right", window: "eve" });
    expect(placeOf("?screen=all", lobby).panel).toBe("all");
    expect(placeOf("", undefined)).toEqual({ panel: "all", window: undefined });
  });
});

describe("a wall that rests on a second", () => {
  it("plays up to it, then shows it however far the frames go, and goes on after", () => {
    const at = START_MS + 5000;
    const player = new Player();
    const offer = (s: number, rest: number | null): void => { player.offer(rested(frame(s, s * 100), rest), s * 1000, false); };
    for (let s = 1; s <= 9; s++) offer(s, at);
    expect(player.newest?.frozen?.second).toBe(new Date(at).toISOString());
    expect(player.advance(20_000)).toBe(500);
    offer(10, null);
    expect(player.advance(30_000)).toBe(1000);
  });
  it("leaves the frames of a held number alone", () => {
    const held = frame(9, 900, { frozen: { second: new Date(START_MS + 3000).toISOString(), reason: "hold", since: "" } });
    expect(rested(held, START_MS + 5000)).toBe(held);
  });
});

describe("on the air", () => {
  it("has the official figure of so long ago, none before it watched, and rests when the number is held", () => {
    const history = new History();
    for (let s = 10; s <= 20; s++) history.push(frame(s, s * 100));
    expect(history.at(START_MS + 9999)).toBeNull();
    expect(history.at(START_MS + 13_400)?.fen).toBe(1300);
    const second = new Date(START_MS + 20_000).toISOString();
    for (let s = 21; s <= 30; s++) history.push(frame(s, s * 100, { frozen: { second, reason: "", since: second } }));
    expect(history.at(START_MS + 30_000)?.fen).toBe(2000);
    history.push(frame(31, 3100));
    expect(history.at(START_MS + 30_999)?.fen).toBe(2000);
    expect(history.at(START_MS + 31_000)?.fen).toBe(3100);
  });
  it("keeps no more than the longest delay needs", () => {
    const history = new History();
    for (let s = 0; s < 2000; s++) history.push(frame(s, s));
    expect(history.at(START_MS + 1_999_000 - 600_000)?.fen).toBe(1399);
    expect(history.at(START_MS + 1_379_000)).toBeNull();
  });
});
