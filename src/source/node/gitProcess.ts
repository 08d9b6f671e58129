import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { devNull } from "node:os";
import { AssayError } from "../../core/errors.ts";
import { atEnd } from "../../core/node/atEnd.ts";
import { printableLines } from "../../core/printable.ts";
import type { SourceErrorCode } from "../errors.ts";

/** How git is run. */
export interface GitSettings {
  /** The caller's environment; of its `GIT_...` variables only those about transports are passed on, and only to fetches. */
  readonly environment: NodeJS.ProcessEnv;
  readonly timeoutSeconds: number;
  readonly signal?: AbortSignal;
}

/** `none` forbids every transport, also one that a hostile repository's configuration would start. */
export type Transport = "none" | "https" | "http" | "ssh" | "file";

/** Set on every command line: nothing that a repository's configuration names is executed, nothing is replaced. */
const safeOptions = [
  "--no-pager",
  "--no-replace-objects",
  ...["-c", "core.fsmonitor=false"],
  ...["-c", `core.hooksPath=${devNull}`],
  ...["-c", "core.alternateRefsCommand="],
  ...["-c", "protocol.ext.allow=never"],
  ...["-c", "gc.auto=0"],
  ...["-c", "maintenance.auto=false"],
];

const hasGroups = process.platform !== "win32";
const maxErrorText = 4096;
const maxOutput = 2 ** 20;

/** Starts git; the caller reads its output. */
export function startGit(args: readonly string[], transport: Transport, settings: GitSettings) {
  const child = spawn("git", [...safeOptions, ...args], {
    env: gitEnvironment(settings.environment, transport),
    stdio: ["pipe", "pipe", "pipe"],
    // A group of its own, so that it can be ended with all its children; and no terminal to ask for passwords.
    detached: hasGroups,
    windowsHide: true,
  });
  const takeBack = atEnd(() => endGit(child));
  child.on("close", takeBack).on("error", takeBack);
  return child;
}

/**
 * Runs git to its end and returns what it printed.
 * @throws AssayError `source/git-fault` with its exit status and error text, also when it prints more than `most` bytes,
 * `source/git-missing-fault`, `source/git-timeout-fault`; the signal's reason when aborted
 */
export async function runGit(
  args: readonly string[],
  transport: Transport,
  settings: GitSettings,
  { input, most = maxOutput }: { readonly input?: Uint8Array; readonly most?: number } = {},
): Promise<string> {
  const child = startGit(args, transport, settings);
  child.stdin.on("error", () => {});
  child.stdin.end(input);
  const chunks: Buffer[] = [];
  let size = 0;
  child.stdout.on("data", (chunk: Buffer) => {
    size += chunk.length;
    if (size <= most) chunks.push(chunk);
    else endGit(child);
  });
  try {
    await untilEnd(child, settings);
  } catch (error) {
    if (size <= most) throw error;
  }
  if (size > most) {
    const text = `it prints more than ${most} bytes`;
    throw new AssayError("source/git-fault", `git was ended: ${text}`, { status: null, text });
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** Resolves when git ends with status 0; otherwise rejects as `runGit` does. Ends git on time-out and abortion. */
export function untilEnd(child: ChildProcessWithoutNullStreams, settings: GitSettings): Promise<void> {
  const { signal, timeoutSeconds } = settings;
  return new Promise((resolve, reject) => {
    let stopped: unknown;
    let errorText = "";
    const stop = (reason: unknown) => {
      stopped ??= reason;
      endGit(child);
      // A helper that has left the group (a shared ssh connection) may keep them open: it is not waited for.
      child.stdout.destroy();
      child.stderr.destroy();
    };
    const timer = setTimeout(() => {
      stop(
        new AssayError("source/git-timeout-fault", `git did not end within ${timeoutSeconds} seconds`, {
          timeoutSeconds,
        }),
      );
    }, timeoutSeconds * 1000);
    const abort = () => stop(signal?.reason);
    signal?.addEventListener("abort", abort);
    if (signal?.aborted) abort();
    const settle = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
    };
    child.stderr.on("data", (chunk: Buffer) => {
      if (errorText.length < maxErrorText) errorText += chunk.toString("utf8");
    });
    child.on("error", (cause) => {
      settle();
      reject(
        new AssayError(
          "source/git-missing-fault",
          "cannot start git: install it, or put it on the PATH",
          {},
          { cause },
        ),
      );
    });
    child.on("close", (status, killedBy) => {
      settle();
      if (stopped !== undefined) reject(stopped);
      else if (status === 0) resolve();
      else reject(gitFault(status, killedBy, errorText));
    });
  });
}

/** Ends git and the helpers it has started. */
export function endGit(child: ChildProcessWithoutNullStreams): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    if (hasGroups) process.kill(-child.pid, "SIGKILL");
    else child.kill("SIGKILL");
  } catch {
    // It has ended in between.
  }
}

function gitFault(status: number | null, killedBy: string | null, errorText: string): AssayError<SourceErrorCode> {
  // A remote's text must not steer the terminal.
  const text = printableLines(errorText.slice(0, maxErrorText)).trim();
  const end = status === null ? `was ended by ${killedBy}` : `ended with status ${status}`;
  return new AssayError("source/git-fault", `git ${end}: ${text || "no message"}`, { status, text });
}

function gitEnvironment(own: NodeJS.ProcessEnv, transport: Transport): NodeJS.ProcessEnv {
  const environment: NodeJS.ProcessEnv = {};
  const remote = transport === "https" || transport === "http" || transport === "ssh";
  for (const [name, value] of Object.entries(own)) {
    if (!/^GIT_/i.test(name) || (remote && /^GIT_(SSH|SSH_COMMAND|SSH_VARIANT|SSL_\w+|HTTP_\w+)$/.test(name))) {
      environment[name] = value;
    }
  }
  return {
    ...environment,
    // The user's own settings (credentials, proxies) are for fetching; reading depends on nothing but the objects.
    ...(remote ? {} : { GIT_CONFIG_GLOBAL: devNull }),
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_ATTR_NOSYSTEM: "1",
    GIT_ALLOW_PROTOCOL: transport,
    GIT_NO_LAZY_FETCH: "1",
    GIT_OPTIONAL_LOCKS: "0",
    GIT_TERMINAL_PROMPT: "0",
    GIT_ASKPASS: "",
    LC_ALL: "C",
  };
}
