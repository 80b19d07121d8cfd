// Embers of a celebration: a fixed set whose places are a pure function of time, so nothing is created or forgotten.

/** For 1,920 u; wider stages have more. */
const COUNT = 260;
/** ms for one rise over the whole screen. */
const RISE_MS = 9000;
const FADE_MS = 900;
const LASTS_MS = 8000;

const part = (n: number): number => n - Math.floor(n);

/** A fixed scatter in [0, 1): neighbours in i share nothing, so no lines of embers can be seen. */
function scatter(i: number, salt: number): number {
  let h = Math.imul(i + 1, 0x9e3779b1) ^ Math.imul(salt, 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
  h = Math.imul(h ^ (h >>> 12), 0x297a2d39);
  return ((h ^ (h >>> 15)) >>> 0) / 2 ** 32;
}

/** Draws all embers at `age` ms of the celebration over `stage` u; `px` is canvas px per u. Twinkles slower than once a second. */
export function drawEmbers(canvas: HTMLCanvasElement, age: number, stage: number, px: number): void {
  const width = Math.round(stage * px);
  if (canvas.width !== width) {
    canvas.width = width;
    canvas.height = Math.round(1080 * px);
  }
  const ctx = canvas.getContext("2d");
  if (ctx === null) return;
  ctx.setTransform(1, 0, 0, 1, 0, 0);
  ctx.clearRect(0, 0, canvas.width, canvas.height);
  ctx.setTransform(px, 0, 0, px, 0, 0);
  const fade = Math.min(1, age / FADE_MS, Math.max(0, (LASTS_MS - age) / FADE_MS));
  for (let i = 0; i < (COUNT * stage) / 1920; i++) {
    const a = scatter(i, 1);
    const b = scatter(i, 2);
    const y = 1120 - part(b + (age * (0.6 + 0.4 * a)) / RISE_MS) * 1160;
    const x = stage * part(a + 0.013 * Math.sin(age / 1700 + i));
    const radius = 1.2 + 4.4 * scatter(i, 3) ** 4;
    const glow = 0.35 + 0.4 * (0.5 + 0.5 * Math.sin(age / 320 + i * 2.4));
    ctx.fillStyle = i % 3 === 0 ? `rgba(255,233,184,${(glow * fade).toFixed(2)})` : `rgba(255,200,87,${(glow * fade).toFixed(2)})`;
    ctx.beginPath();
    ctx.arc(x, y, radius, 0, Math.PI * 2);
    ctx.fill();
  }
}
