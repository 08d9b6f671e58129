import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

/** A port that leads to another one of this machine: a test can close it, as if its server had died, and open it again. */
export interface TcpRelay {
  readonly url: string;
  /** Cuts all connections; new ones are refused. */
  kill(): Promise<void>;
  /** Takes connections again, on the same port. */
  restart(): Promise<void>;
}

/** @param target an http address. */
export async function startTcpRelay(target: string): Promise<TcpRelay> {
  const { port: to } = new URL(target);
  const sockets = new Set<Socket>();
  const open = async (port: number): Promise<Server> => {
    const server = createServer((socket) => {
      const other = connect(Number(to), "127.0.0.1");
      for (const [one, peer] of [
        [socket, other],
        [other, socket],
      ] as const) {
        sockets.add(one);
        one.on("error", () => {});
        one.on("close", () => {
          sockets.delete(one);
          peer.destroy();
        });
        one.pipe(peer);
      }
    });
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
    return server;
  };
  let server = await open(0);
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    async kill() {
      const closed = once(server, "close");
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
    async restart() {
      server = await open(port);
    },
  };
}
