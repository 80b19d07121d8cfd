// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

beforeEach(() => { vi.resetModules(); sessionStorage.clear(); });
afterEach(() => vi.unstubAllGlobals());

describe("operators' token", () => {
  it("is sent with each request of this tab, and outlives a reload", async () => {
    const sent: Record<string, string>[] = [];
    vi.stubGlobal("fetch", (_: string, init: { headers: Record<string, string> }) => { sent.push(init.headers); return Promise.resolve(Response.json({})); });
    const { get } = await import("./api");
    const { setToken } = await import("./token");
    await get("/api/v1/ops");
    setToken("  0123456789abcdef0123456789abcdef\n");
    await get("/api/v1/ops");
    vi.resetModules(); // the page is loaded anew
    await (await import("./api")).get("/api/v1/wall");
    (await import("./token")).setToken("口令 of the wrong kind"); // what no header can hold is not sent
    await (await import("./api")).get("/api/v1/ops");
    expect(sent.map((h) => h.Authorization)).toEqual([undefined, "Bearer 0123456789abcdef0123456789abcdef", "Bearer 0123456789abcdef0123456789abcdef", undefined]);
  });
});
