// What operations ask for beside the stream: partitions each second, rejects every three.
import { signal } from "@preact/signals";
import { getPartitions, getRejects } from "../shared/api";
import type { Partitions, Rejects } from "../shared/types";

const PARTITIONS_MS = 1000;
const REJECTS_MS = 3000;

export const partitions = signal<Partitions | null>(null);
export const rejects = signal<Rejects | null>(null);
/** The last request for partitions had no answer; what is shown is older. */
export const silent = signal(false);

export function startOps(): void {
  const every = (ms: number, ask: () => Promise<void>): void => {
    const again = (): void => void ask().finally(() => setTimeout(again, ms));
    again();
  };
  every(PARTITIONS_MS, async () => {
    const answer = await getPartitions();
    silent.value = answer === null;
    partitions.value = answer ?? partitions.value;
  });
  every(REJECTS_MS, async () => {
    rejects.value = (await getRejects()) ?? rejects.value;
  });
}
