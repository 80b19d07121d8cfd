// The few requests that pages make beside the stream. A failed request answers null: a page keeps what it shows and asks
// again later, it never shows an error stack.
import { authorization } from "./token";
import type { BreakdownRow, Festival, Frame, MerchantTotal, Milestone, Ops, ReferencePoint, Rejects, SeriesPoint, WindowPeak } from "./types";

/** Milliseconds after which a request counts as failed. */
const TIMEOUT_MS = 8000;

/** What a request came to: the decoded answer, or the status and the problem's title for small print. */
export type Answer<T> = { ok: true; data: T; date: number | null } | { ok: false; status: number; title: string; detail: string };

/** Asks for a JSON answer, with a JSON body where there is one. Status 0 means that nothing answered. */
export async function get<T>(path: string, method = "GET", body?: unknown): Promise<Answer<T>> {
  try {
    const sent = body === undefined ? {} : { body: JSON.stringify(body) };
    const headers = { Accept: "application/json", ...authorization(), ...(body === undefined ? {} : { "Content-Type": "application/json" }) };
    const res = await fetch(path, { method, headers, ...sent, signal: AbortSignal.timeout(TIMEOUT_MS) });
    const answer: unknown = await res.json().catch(() => null);
    if (!res.ok || answer === null) return { ok: false, status: res.status, ...problemOf(answer) };
    const date = Date.parse(res.headers.get("Date") ?? "");
    return { ok: true, data: answer as T, date: Number.isFinite(date) ? date : null };
  } catch {
    return { ok: false, status: 0, title: "", detail: "" };
  }
}

function problemOf(body: unknown): { title: string; detail: string } {
  const { title, detail } = (body ?? {}) as { title?: unknown; detail?: unknown };
  return { title: typeof title === "string" ? title : "", detail: typeof detail === "string" ? detail : "" };
}

async function dataOf<T>(path: string): Promise<T | null> {
  const answer = await get<T>(path);
  return answer.ok ? answer.data : null;
}

const query = (params: Record<string, string | undefined>): string => {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(params)) if (value !== undefined && value !== "") search.set(key, value);
  const text = search.toString();
  return text ? `?${text}` : "";
};

export const getFestival = () => get<Festival>("/api/v1/festival");

/** The official frame on air at `at` (RFC 3339), or the last before it. */
export const getFrameAt = (at: string, window?: string) => get<Frame & { later?: unknown }>(`/api/v1/frame${query({ at, window })}`);

/** Buckets of one dimension's key; times RFC 3339, ascending by `t`. */
export async function getSeries(params: Record<string, string | undefined>): Promise<SeriesPoint[] | null> {
  const data = await dataOf<{ points: SeriesPoint[] }>(`/api/v1/series${query(params)}`);
  return data ? data.points : null;
}

/** Last festival's cumulative curve for a window, or null where none is configured. */
export async function getReference(window: string | undefined): Promise<ReferencePoint[] | null> {
  const data = await dataOf<{ points: ReferencePoint[] }>(`/api/v1/reference${query({ window })}`);
  return data && data.points.length > 0 ? data.points : null;
}

/** All milestones, each with its window, in the server's order. */
export async function getMilestones(window?: string): Promise<Milestone[] | null> {
  const data = await dataOf<{ milestones: Milestone[] }>(`/api/v1/milestones${query({ window })}`);
  return data ? data.milestones : null;
}

/** The largest seconds of a window so far; null where the server does not say. */
export async function getPeak(window: string): Promise<WindowPeak | null> {
  const data = await dataOf<{ peaks: WindowPeak[] }>(`/api/v1/peaks${query({ window })}`);
  return data?.peaks.find((p) => p.window === window) ?? null;
}

export async function getBreakdown(dim: string): Promise<BreakdownRow[] | null> {
  const data = await dataOf<{ rows: BreakdownRow[] }>(`/api/v1/breakdown${query({ dim })}`);
  return data ? data.rows : null;
}

export const getOps = () => get<Ops>("/api/v1/ops");

/** Lets the screens rest on the figure that they show, or go on; appended as a record with who asked. */
export const setHold = (held: boolean, by: string, reason: string) => get<{ since: string }>("/api/v1/hold", held ? "POST" : "DELETE", held ? { by, reason } : { by });

export const getRejects = (): Promise<Rejects | null> => dataOf<Rejects>("/api/v1/rejects");

export const getMerchant = (id: string) => get<{ total: MerchantTotal; positions: Record<string, number> }>(`/api/v1/merchant/${encodeURIComponent(id)}`);

export async function getMerchantSeries(id: string): Promise<SeriesPoint[] | null> {
  const data = await dataOf<{ points: SeriesPoint[] }>(`/api/v1/merchant/${encodeURIComponent(id)}/series${query({ step: "1m" })}`);
  return data ? data.points : null;
}
