// A demo of the built program for measuring tools: its own directory and ports, stopped and removed at the end.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const BIN = process.env.FESTIVAL_BIN ?? fileURLToPath(new URL("../../bin/festival", import.meta.url));
const PATIENCE_MS = 120_000;

/** Starts a demo at `rate` orders a second and waits until its window is open. Returns {url, pid, close}. */
export async function startDemo(rate) {
  const data = mkdtempSync(join(tmpdir(), "festival-fps-"));
  const [http, kafka] = [await freePort(), await freePort()];
  const url = `http://127.0.0.1:${http}`;
  const child = spawn(BIN, ["demo", "--addr", `127.0.0.1:${http}`, "--kafka-addr", `127.0.0.1:${kafka}`, "--data", data, "--rate", String(rate)], { stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  child.stderr.on("data", (text) => { said = (said + text).slice(-2000); });
  const ended = new Promise((done) => { child.on("exit", done); child.on("error", (e) => { said += e.message; done(null); }); });
  const close = async () => {
    child.kill("SIGINT");
    await ended;
    rmSync(data, { recursive: true, force: true });
  };
  try {
    for (const until = Date.now() + PATIENCE_MS; (await phase(url)) !== "open";) {
      if (child.exitCode !== null || child.pid === undefined || Date.now() > until) throw new Error(`the demo's window did not open (make build first?): ${said}`);
      await new Promise((done) => setTimeout(done, 500));
    }
  } catch (e) {
    await close();
    throw e;
  }
  return { url, pid: child.pid, close };
}

/** The phase that the newest frame is in; "" while nothing answers. */
async function phase(url) {
  try {
    return (await (await fetch(`${url}/api/v1/frame`)).json()).phase ?? "";
  } catch {
    return "";
  }
}

const freePort = () => new Promise((done) => {
  const server = createServer().listen(0, "127.0.0.1", () => { const { port } = server.address(); server.close(() => done(port)); });
});
