// A cable between browser and server that a test can pull, or pinch so that nothing passes while the connection stays.
import { connect, createServer, type Server, type Socket } from "node:net";

export class Cable {
  private readonly sockets = new Set<Socket>();
  private whole = true;
  private pinched = false;

  private constructor(private readonly server: Server, readonly url: string) {}

  static async to(target: string): Promise<Cable> {
    const { hostname, port } = new URL(target);
    const cable: { it?: Cable } = {};
    const server = createServer((near) => cable.it?.join(near, connect(Number(port), hostname)));
    await new Promise<void>((done) => { server.listen(0, "127.0.0.1", done); });
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("no port");
    cable.it = new Cable(server, `http://127.0.0.1:${address.port}`);
    return cable.it;
  }

  /** Connections break and new ones are refused. */
  pull(): void {
    this.whole = false;
    for (const socket of this.sockets) socket.destroy();
  }

  /** Connections stay, no byte passes. */
  pinch(): void {
    this.pinched = true;
  }

  mend(): void {
    this.whole = true;
    if (this.pinched) for (const socket of this.sockets) socket.destroy();
    this.pinched = false;
  }

  async close(): Promise<void> {
    this.pull();
    await new Promise((done) => { this.server.close(done); });
  }

  private join(near: Socket, far: Socket): void {
    for (const [from, to] of [[near, far], [far, near]] as const) {
      this.sockets.add(from);
      from.on("data", (chunk) => { if (!this.pinched) to.write(chunk); });
      from.on("close", () => { to.destroy(); this.sockets.delete(from); });
      from.on("error", () => { to.destroy(); });
    }
    if (!this.whole) near.destroy();
  }
}
