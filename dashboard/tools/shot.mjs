// Takes a picture of a page: node tools/shot.mjs URL FILE [WIDTHxHEIGHT] [SECONDS]. For looking, not for tests.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";

const [url, file, size = "1920x1080", seconds = "8"] = process.argv.slice(2);
const [width, height] = size.split("x").map(Number);
const profile = mkdtempSync(join(tmpdir(), "festival-shot-"));
const context = await chromium.launchPersistentContext(profile, {
  executablePath: "/usr/bin/chromium", headless: true, viewport: { width, height }, locale: process.env.SHOT_LOCALE ?? "zh-CN", colorScheme: process.env.SHOT_SCHEME ?? "light",
  args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});
const page = await context.newPage();
page.on("console", (m) => { if (m.type() !== "log") console.log(m.type(), m.text()); });
page.on("pageerror", (e) => console.log("pageerror", e.message));
page.on("requestfailed", (r) => console.log("failed", r.url(), r.failure()?.errorText));
await page.goto(url);
await page.waitForTimeout(Number(seconds) * 1000);
await page.screenshot({ path: file });
const fps = await page.evaluate(() => new Promise((done) => { const t = []; const f = (n) => { t.push(n); if (n - t[0] < 3000) requestAnimationFrame(f); else { const gaps = t.slice(1).map((x, i) => x - t[i]); done({ fps: ((t.length - 1) / (n - t[0]) * 1000).toFixed(1), slow: gaps.filter((g) => g > 34).length }); } }; requestAnimationFrame(f); }));
console.log(JSON.stringify(fps), await page.evaluate(() => [...document.querySelectorAll("[data-badge],[data-figure]")].map((e) => `${e.dataset.state ?? e.dataset.figure}=${e.dataset.value ?? ""}`).join(" ")));
await context.close();
rmSync(profile, { recursive: true, force: true });
