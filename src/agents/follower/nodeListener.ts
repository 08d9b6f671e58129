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
/** A connection has worked if it has told something, or lasted so long. */
const steadyMilliseconds = 60_000;

/**
 * Listens to the local Radicle node until the signal. A node drops a listener that falls behind, and tells nobody what was before: so
 * all is looked at again after each connection. Nothing is believed of what it says; without a node, polling finds the same, later.
 */
export async function listenToNode({ socket, log, signal, onChange }: NodeListenerOptions): Promise<void> {
  const sleeper = new Wakeup();
  let failures = 0;
  const onWorking = () => {
    if (failures > 0) log.info({ socket }, "the Radicle node can be listened to again");
    failures = 0;
  };
  while (!signal.aborted) {
    const why = await listenOnce(socket, signal, onChange, onWorking);
    if (signal.aborted) return;
    if (failures++ === 0)
      log.warn({ socket, why }, "the Radicle node cannot be listened to: its repositories are polled");
    const pause = Math.min(longestPause, firstPause * 2 ** Math.min(failures - 1, 10));
    // Many followers of one node do not come back at the same time.
    await sleeper.sleep(pause * (0.5 + Math.random() / 2), signal);
  }
}

/** One connection. @returns why it has ended. */
function listenOnce(
  path: string,
  signal: AbortSignal,
  onChange: NodeListenerOptions["onChange"],
  onWorking: () => void,
) {
  return new Promise<string>((resolve) => {
    let [why, rest] = ["it has ended the connection", ""];
    let steady: ReturnType<typeof setTimeout> | undefined;
    const socket: Socket = connect(path);
    const stop = () => socket.destroy();
    const fail = (reason: string) => {
      why = reason;
      socket.destroy();
    };
    const take = (line: string) => {
      const said = readNodeLine(line);
      if (said.kind === "refused") return fail(printable(said.why));
      onWorking();
      if (said.kind === "changed") onChange(said.repository);
    };
    signal.addEventListener("abort", stop);
    socket.setEncoding("utf8");
    socket.on("connect", () => {
      steady = setTimeout(onWorking, steadyMilliseconds);
      socket.write(subscribeCommand);
      onChange(undefined);
    });
    socket.on("data", (text: string) => {
      const lines = (rest + text).split("\n");
      rest = lines.pop()!;
      if (rest.length > mostLineCharacters) fail("it sends a line without an end");
      for (const line of lines) if (!socket.destroyed) take(line);
    });
    socket.on("error", (error) => {
      why = error.message;
    });
    socket.on("close", () => {
      clearTimeout(steady);
      signal.removeEventListener("abort", stop);
      resolve(why);
    });
  });
}
