import { defaultSocketLimits, HeadSocket, type SocketLimits } from "./headSocket.ts";

export interface NewHeadsOptions {
  /** Addresses of the chain's ws(s) servers. */
  readonly urls: readonly string[];
  readonly chainId: bigint;
  /**
   * There may be a new block. Nobody vouches for it: a server can say so whenever it likes. Called at most once in
   * `leastMilliseconds`, whatever the servers send.
   */
  readonly onHint: () => void;
  readonly leastMilliseconds: number;
  /** Called once when a server's socket begins to fail, and once without `why` when that is over. */
  readonly onTrouble: (host: string, why: string | undefined) => void;
  readonly limits?: SocketLimits;
}

/** Listens to servers that tell of new blocks. @returns what ends it. */
export function followNewHeads(options: NewHeadsOptions): { close(): void } {
  const { urls, chainId, onHint, leastMilliseconds, onTrouble, limits = defaultSocketLimits } = options;
  let pause: ReturnType<typeof setTimeout> | undefined;
  let isDue = false;
  const hint = () => {
    isDue = false;
    pause = setTimeout(() => {
      pause = undefined;
      if (isDue) hint();
    }, leastMilliseconds);
    onHint();
  };
  const onHead = () => {
    if (pause === undefined) hint();
    else isDue = true;
  };
  const sockets = urls.map((url) => new HeadSocket(url, { chainId, limits, onHead, onTrouble }));
  return {
    close() {
      for (const socket of sockets) socket.close();
      clearTimeout(pause);
      isDue = false;
    },
  };
}
