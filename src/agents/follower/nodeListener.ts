import { connect, type Socket } from "node:net";
import { printable } from "../../core/printable.ts";
import { mostLineCharacters } from "../../radicle/limits.ts";
import { readNodeLine, subscribeCommand } from "../../radicle/nodeEvents.ts";
import type { Log } from "../log.ts";
import { Wakeup } from "../wakeup.ts";

export interface NodeListenerOptions {
  /** Path of the node's Unix socket. */
  readonly socket: string;
  readonly log: Log;
  readonly signal: AbortSignal;
  /** Refs of a repository may have become others; without a name: of any. */
  readonly onChange: (repository: string | undefined) => void;
}

/** Milliseconds before a new attempt; they double each time. */
const firstPause = 1000;
const longestPause = 60_000;

/**
 * Listens to the local Radicle node until the signal. A node drops whoever falls behind, and tells nobody what was before: so all is
 * looked at again after each connection. Nothing is believed of what it says; without a node, polling finds the same, later.
 */
export async function listenToNode(options: NodeListenerOptions): Promise<void> {
  const { socket, log, signal, onChange } = options;
  const sleeper = new Wakeup();
  let failures = 0;
  while (!signal.aborted) {
    const { worked, why } = await listenOnce(socket, signal, (repository) => {
      if (repository === undefined && failures > 0) log.info({ socket }, "the Radicle node can be listened to again");
      if (repository === undefined) failures = 0;
      onChange(repository);
    });
    if (signal.aborted) return;
    if (failures === 0)
      log.warn({ socket, why }, "the Radicle node cannot be listened to: its repositories are polled");
    failures = worked ? 1 : failures + 1;
    const pause = Math.min(longestPause, firstPause * 2 ** Math.min(failures - 1, 10));
    // Many followers of one node do not come back at the same time.
    await sleeper.sleep(pause * (0.5 + Math.random() / 2), signal);
  }
}

/** One connection. @returns whether it has worked, and why it has ended. */
function listenOnce(path: string, signal: AbortSignal, onChange: NodeListenerOptions["onChange"]) {
  return new Promise<{ worked: boolean; why: string }>((resolve) => {
    let [worked, why, rest] = [false, "it has ended the connection", ""];
    const socket: Socket = connect(path);
    const stop = () => socket.destroy();
    const fail = (reason: string) => {
      why = reason;
      socket.destroy();
    };
    signal.addEventListener("abort", stop);
    socket.setEncoding("utf8");
    socket.on("connect", () => {
      socket.write(subscribeCommand);
      worked = true;
      onChange(undefined);
    });
    socket.on("data", (text: string) => {
      const lines = (rest + text).split("\n");
      rest = lines.pop()!;
      if (rest.length > mostLineCharacters) fail("it sends a line without an end");
      for (const line of lines) {
        const said = readNodeLine(line);
        if (said.kind === "changed") onChange(said.repository);
        else if (said.kind === "refused") fail(printable(said.why));
      }
    });
    socket.on("error", (error) => {
      why = error.message;
    });
    socket.on("close", () => {
      signal.removeEventListener("abort", stop);
      resolve({ worked, why });
    });
  });
}
