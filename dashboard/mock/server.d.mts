export interface Mock {
  url: string;
  state: Record<string, unknown>;
  set(change: Record<string, unknown>): void;
  clock(): number;
  close(): Promise<void>;
}
export function startMock(options?: Record<string, unknown> & { port?: number; at?: string }): Promise<Mock>;
