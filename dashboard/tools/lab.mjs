// What the measuring tools share: one Chromium with a profile that is thrown away, and a small server of recordings.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";

/** Opens a page of width x height; close() ends the browser and removes its profile. */
export async function openPage(width, height) {
  const profile = mkdtempSync(join(tmpdir(), "festival-wall-"));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", headless: true, viewport: { width, height },
    args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
  const page = await context.newPage();
  const pids = () => browserPids(profile);
  return { page, pids, session: await context.newCDPSession(page), async close() { await context.close(); rmSync(profile, { recursive: true, force: true }); } };
}

/** The browser's processes: those whose command line names the profile, and their children. */
function browserPids(profile) {
  const parent = new Map(), mine = new Set();
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      if (readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(profile)) mine.add(pid);
      const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
      parent.set(pid, stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
    } catch { /* it has ended */ }
  }
  for (let grown = true; grown;) {
    grown = false;
    for (const [pid, above] of parent) if (mine.has(above) && !mine.has(pid)) { mine.add(pid); grown = true; }
  }
  return [...mine];
}

/** CPU seconds that processes have used (fields 14 and 15 of proc_pid_stat(5), 100 ticks a second). */
export function cpuSeconds(pids) {
  let ticks = 0;
  for (const pid of pids) {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
      const f = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      ticks += Number(f[11]) + Number(f[12]);
    } catch { /* it has ended */ }
  }
  return ticks / 100;
}

/** Starts to write down the gaps between pictures, in the page. */
export const watchGaps = (page) => page.evaluate(() => {
  const g = { n: 0, since: performance.now(), last: performance.now(), worst: 0, slow: 0 };
  window.gaps = g;
  const look = (now) => {
    const gap = now - g.last;
    g.last = now;
    g.n++;
    if (gap > g.worst) g.worst = gap;
    if (gap > 34) g.slow++;
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
});

/** What was written down: pictures a second, the longest gap in ms, the share of gaps over 34 ms. */
export const gapsOf = (page) => page.evaluate(() => {
  const g = window.gaps;
  return { fps: (g.n * 1000) / (g.last - g.since), worst: g.worst, slow: g.slow / g.n };
});

/** Live objects by constructor (or kind), each {n, bytes}, of a snapshot after a collection. The page stands still for about a second. */
export async function census(session) {
  const chunks = [];
  const take = ({ chunk }) => chunks.push(chunk);
  session.on("HeapProfiler.addHeapSnapshotChunk", take);
  await session.send("HeapProfiler.collectGarbage");
  await session.send("HeapProfiler.takeHeapSnapshot", { reportProgress: false });
  session.off("HeapProfiler.addHeapSnapshotChunk", take);
  const { snapshot: { meta }, nodes, strings } = JSON.parse(chunks.join(""));
  const field = (name) => meta.node_fields.indexOf(name), wide = meta.node_fields.length, kinds = meta.node_types[0];
  const [type, name, size] = [field("type"), field("name"), field("self_size")];
  const found = new Map();
  for (let i = 0; i < nodes.length; i += wide) {
    const kind = kinds[nodes[i + type]];
    const called = kind === "object" || kind === "native" ? strings[nodes[i + name]].slice(0, 60) : `(${kind})`;
    const sum = found.get(called) ?? { n: 0, bytes: 0 };
    sum.n++;
    sum.bytes += nodes[i + size];
    found.set(called, sum);
  }
  return found;
}

/** What grew most between two of them, a line each. */
export function growth(before, after, most = 10) {
  const rows = [...after].map(([name, { n, bytes }]) => ({ name, n: n - (before.get(name)?.n ?? 0), bytes: bytes - (before.get(name)?.bytes ?? 0) }));
  return rows.filter((r) => r.bytes > 5000).sort((a, b) => b.bytes - a.bytes).slice(0, most).map((r) => `  ${(r.bytes / 1e6).toFixed(3)} MB  ${r.n >= 0 ? "+" : ""}${r.n}  ${r.name}`);
}

/** MB of the JavaScript heap after a forced collection. */
export async function heapMB(session) {
  for (let i = 0; i < 3; i++) await session.send("HeapProfiler.collectGarbage");
  const { usedSize } = await session.send("Runtime.getHeapUsage");
  return usedSize / 1e6;
}
