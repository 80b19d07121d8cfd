import { useEffect } from "preact/hooks";
import { still } from "./still";

/** The four strokes of 11.11 as columns of light. One soft picture is drawn once and stretched by CSS. `lit`: the brighter one, 1 to 4. */
export function Beams({ lit }: { lit: number }) {
  useEffect(() => still("--beam", WIDTH, HEIGHT, paint), []);
  return <div class="beams" data-lit={lit} aria-hidden="true"><i /><i /><i /><i /></div>;
}

const WIDTH = 96;
const HEIGHT = 270;
/** gold at the top, flame below: flame is not saturated red, which large moving light must avoid (ITU-R BT.1702). */
const TOP = [255, 200, 87] as const;
const FOOT = [255, 138, 69] as const;

function paint(ctx: CanvasRenderingContext2D): void {
  const image = ctx.createImageData(WIDTH, HEIGHT);
  for (let y = 0; y < HEIGHT; y++) {
    const v = y / (HEIGHT - 1);
    const mix = Math.min(1, Math.max(0, (v - 0.25) / 0.45));
    const along = Math.sin(Math.PI * Math.min(1, Math.max(0, v))) ** 0.8;
    for (let x = 0; x < WIDTH; x++) {
      const h = Math.abs((x / (WIDTH - 1)) * 2 - 1);
      const across = h < 0.1 ? 1 : 0.5 + 0.5 * Math.cos((Math.PI * (h - 0.1)) / 0.9);
      const i = (y * WIDTH + x) * 4;
      for (let c = 0; c < 3; c++) image.data[i + c] = (TOP[c] ?? 0) + ((FOOT[c] ?? 0) - (TOP[c] ?? 0)) * mix;
      // One level of noise hides the bands that a slow gradient has on a large screen.
      image.data[i + 3] = 255 * along * across + ((x * 7 + y * 13) % 3) - 1;
    }
  }
  ctx.putImageData(image, 0, 0);
}
