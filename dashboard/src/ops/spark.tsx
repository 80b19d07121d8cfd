// A line without axes: what is usual, and when it was not.

/** Values oldest first, null where nothing was measured: the line breaks there. */
export function Spark({ values, width, height }: { values: (number | null)[]; width: number; height: number }) {
  const most = Math.max(1, ...values.map((v) => v ?? 0));
  const step = width / Math.max(1, values.length - 1);
  const y = (v: number): string => (height - 2 - (v / most) * (height - 5)).toFixed(1);
  let path = "";
  values.forEach((v, i) => {
    if (v === null) return;
    const before = values[i - 1];
    path += `${before === null || before === undefined ? "M" : "L"}${(i * step).toFixed(1)} ${y(v)}`;
    if ((before === null || before === undefined) && (values[i + 1] === null || values[i + 1] === undefined)) path += "h1.5"; // one alone is a dot
  });
  return (
    <svg class="spark" width={width} height={height} viewBox={`0 0 ${width} ${height}`} aria-hidden="true">
      <path class="spark-base" d={`M0 ${height - .5}h${width}`} />
      <path class="spark-line" d={path} />
    </svg>
  );
}
