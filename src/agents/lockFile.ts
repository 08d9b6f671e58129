import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { AssayError } from "../core/errors.ts";
import { makeFolder } from "../core/node/makeFolder.ts";

/** A state directory that this process alone uses until `release`. */
export interface LockFile {
  release(): void;
}

/**
 * Takes the lock of a state directory. The lock of a process that no longer lives is taken over, also when its number has
 * been given to another process since (as far as the system tells when that one started).
 *
 * Not `proper-lockfile`: it goes by the age of a file that its owner touches at intervals, so that a daemon that was stopped or
 * suspended loses its lock while it lives, and one that was killed keeps its successor waiting.
 * @throws AssayError `agents/locked`
 */
export function takeLock(folder: string): LockFile {
  makeFolder(folder, 0o700);
  const file = join(folder, "lock");
  const me = `${process.pid} ${startOf(process.pid)}\n`;
  // Linking a finished file takes the lock and its content in one instant.
  const mine = `${file}.${process.pid}`;
  writeFileSync(mine, me, { mode: 0o600 });
  try {
    for (let attempt = 0; !link(mine, file); attempt++) {
      const text = read(file);
      if (text === undefined) continue;
      const pid = Number(text.split(" ", 1)[0]);
      if (lives(text) || attempt > 100) {
        throw new AssayError(
          "agents/locked",
          `process ${pid} uses ${folder}: give each daemon a state directory of its own`,
          { folder, pid },
        );
      }
      removeStale(file, text);
    }
  } finally {
    rmSync(mine, { force: true });
  }
  return {
    release() {
      if (read(file) === me) rmSync(file, { force: true });
    },
  };
}

function link(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

/** Moves a stale lock away; should another process have replaced it in between, its lock is put back. */
function removeStale(file: string, text: string): void {
  const aside = `${file}.stale.${process.pid}`;
  try {
    renameSync(file, aside);
  } catch {
    return;
  }
  if (read(aside) !== text) link(aside, file);
  rmSync(aside, { force: true });
}

function lives(text: string): boolean {
  const [pid, start] = text.trim().split(" ");
  if (!/^[1-9]\d*$/.test(pid ?? "")) return false;
  try {
    process.kill(Number(pid), 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
  }
  return startOf(Number(pid)) === (start ?? "");
}

/** When a process started, in the system's own units; empty where the system does not say. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
  } catch {
    return "";
  }
}
