// The operator's own map (`map: file`): TopoJSON in degrees of longitude and latitude, drawn by the projection of the dots. It is
// shown as it was approved: every line of the file, none of ours.
import { get } from "../shared/api";
import { project } from "./project";

interface Geometry {
  type: string;
  arcs?: unknown;
  coordinates?: unknown;
  geometries?: Geometry[];
}

export interface Topology {
  type: "Topology";
  transform?: { scale: [number, number]; translate: [number, number] };
  arcs: [number, number][][];
  objects: Record<string, Geometry>;
}

export type Point = readonly [lon: number, lat: number];

export interface Shapes {
  /** Closed rings, holes among them: filled by the even-odd rule, a polygon at a time. */
  polygons: Point[][][];
  lines: Point[][];
  points: Point[];
}

/** The operator's map, null while the server does not give it. */
export async function loadTopology(): Promise<Topology | null> {
  const answer = await get<Topology>("/api/v1/wall/map");
  return answer.ok && answer.data.type === "Topology" ? answer.data : null;
}

/** All geometry of a topology in degrees (TopoJSON 1.0 §2: arcs are deltas where there is a transform; ~i is arc i reversed). */
export function shapesOf(t: Topology): Shapes {
  const arcs = t.arcs.map((arc) => decode(arc, t.transform));
  const joined = (refs: readonly number[]): Point[] => refs.flatMap((ref, i) => (ref < 0 ? (arcs[~ref] ?? []).toReversed() : (arcs[ref] ?? [])).slice(i === 0 ? 0 : 1));
  const place = ([x, y]: readonly [number, number]): Point => (t.transform ? [x * t.transform.scale[0] + t.transform.translate[0], y * t.transform.scale[1] + t.transform.translate[1]] : [x, y]);
  const out: Shapes = { polygons: [], lines: [], points: [] };
  const add = (g: Geometry): void => {
    switch (g.type) {
      case "GeometryCollection": g.geometries?.forEach(add); break;
      case "Polygon": out.polygons.push((g.arcs as number[][]).map(joined)); break;
      case "MultiPolygon": for (const one of g.arcs as number[][][]) out.polygons.push(one.map(joined)); break;
      case "LineString": out.lines.push(joined(g.arcs as number[])); break;
      case "MultiLineString": for (const one of g.arcs as number[][]) out.lines.push(joined(one)); break;
      case "Point": out.points.push(place(g.coordinates as [number, number])); break;
      case "MultiPoint": for (const one of g.coordinates as [number, number][]) out.points.push(place(one)); break;
      default:
    }
  };
  Object.values(t.objects).forEach(add);
  return out;
}

function decode(arc: readonly [number, number][], transform: Topology["transform"]): Point[] {
  if (transform === undefined) return arc.map(([x, y]) => [x, y] as const);
  let x = 0;
  let y = 0;
  return arc.map(([dx, dy]) => {
    x += dx;
    y += dy;
    return [x * transform.scale[0] + transform.translate[0], y * transform.scale[1] + transform.translate[1]] as const;
  });
}

/** A line in units of the map's width, unbroken: where it crosses the map's edge it goes on beyond it. */
export function unwrapped(line: readonly Point[]): [number, number][] {
  let turn = 0;
  let last = Number.NaN;
  return line.map((point) => {
    const [x, y] = project(point);
    if (x - last > 0.5) turn--;
    else if (last - x > 0.5) turn++;
    last = x;
    return [x + turn, y];
  });
}

/** Draws the map at `width` device px; what goes beyond an edge comes in at the other. */
export function drawTopology(ctx: CanvasRenderingContext2D, width: number, shapes: Shapes): void {
  ctx.fillStyle = "rgba(150,116,168,.2)";
  ctx.strokeStyle = "rgba(230,170,140,.5)";
  ctx.lineWidth = Math.max(1, width / 1600);
  ctx.lineJoin = "round";
  for (const turn of [-1, 0, 1]) {
    const trace = (line: readonly Point[]): void => unwrapped(line).forEach(([x, y], i) => (i === 0 ? ctx.moveTo((x + turn) * width, y * width) : ctx.lineTo((x + turn) * width, y * width)));
    for (const polygon of shapes.polygons) {
      ctx.beginPath();
      for (const ring of polygon) trace(ring);
      ctx.fill("evenodd");
      ctx.stroke();
    }
    for (const line of shapes.lines) {
      ctx.beginPath();
      trace(line);
      ctx.stroke();
    }
  }
  ctx.fillStyle = "rgba(230,170,140,.6)";
  for (const point of shapes.points) {
    const [x, y] = project(point);
    ctx.beginPath();
    ctx.arc(x * width, y * width, width / 850, 0, Math.PI * 2);
    ctx.fill();
  }
}
