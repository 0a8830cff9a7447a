// A network cable between a browser and the server, that can be cut.

import { once } from "node:events";
import { createServer, connect, type Server as Listener, type Socket } from "node:net";

/** How a line fails: the other end hears of it, or everything on it is silently lost. */
export type Cut = "reset" | "silent";

export class Cable {
  private readonly listener: Listener;
  private readonly sockets = new Set<Socket>();
  private cut: Cut | undefined;
  private port = 0;

  private constructor(private readonly to: number) {
    this.listener = createServer((near) => this.join(near));
  }

  /** Lays one to a server of this machine. */
  static async lay(url: string): Promise<Cable> {
    const cable = new Cable(Number(new URL(url).port));
    cable.listener.listen(0, "127.0.0.1");
    await once(cable.listener, "listening");
    cable.port = (cable.listener.address() as { port: number }).port;
    return cable;
  }

  /** The server's address at this end. */
  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Cuts it: open connections fail, and new ones too, until it is mended. */
  sever(how: Cut): void {
    this.cut = how;
    for (const socket of this.sockets) {
      if (how === "reset") socket.resetAndDestroy();
      else socket.pause();
    }
  }

  /** What was lost stays lost; from now on connections hold again. */
  mend(): void {
    this.cut = undefined;
  }

  async close(): Promise<void> {
    this.listener.close();
    for (const socket of this.sockets) socket.destroy();
  }

  private join(near: Socket): void {
    this.keep(near);
    if (this.cut === "reset") return void near.resetAndDestroy();
    // Connected, as far as the browser knows, and never answered.
    if (this.cut === "silent") return void near.pause();
    const far = connect(this.to, "127.0.0.1");
    this.keep(far);
    near.pipe(far).pipe(near);
    near.on("close", () => far.destroy());
    far.on("close", () => near.destroy());
  }

  private keep(socket: Socket): void {
    this.sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => this.sockets.delete(socket));
  }
}
