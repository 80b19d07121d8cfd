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

/** MB of the JavaScript heap after a forced collection. */
export async function heapMB(session) {
  for (let i = 0; i < 3; i++) await session.send("HeapProfiler.collectGarbage");
  const { usedSize } = await session.send("Runtime.getHeapUsage");
  return usedSize / 1e6;
}
