import { readdirSync, readFileSync } from "node:fs";

/** What Linux counts CPU time in, in each of its builds that Node runs on. */
const ticksPerSecond = 100;

interface ProcessTimes {
  readonly parent: number;
  /** Of the process and of those of its children that it has waited for, in ticks. */
  readonly ticks: number;
}

/**
 * Seconds of CPU time that this process and all that it has started took so far, in user and kernel mode. What is not counted:
 * processes that nobody waited for, and, elsewhere than on Linux, other processes at all.
 */
export function cpuSeconds(): number {
  if (process.platform !== "linux") {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  }
  const processes = new Map<number, ProcessTimes>();
  for (const name of readdirSync("/proc")) {
    const times = /^\d+$/.test(name) ? timesOf(name) : undefined;
    if (times !== undefined) processes.set(Number(name), times);
  }
  const isOwn = (id: number): boolean => id === process.pid || (processes.has(id) && isOwn(processes.get(id)!.parent));
  const own = [...processes].filter(([id]) => isOwn(id));
  return own.reduce((total, [, { ticks }]) => total + ticks, 0) / ticksPerSecond;
}

/** `undefined`: the process has ended. */
function timesOf(id: string): ProcessTimes | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${id}/stat`, "utf8");
  } catch {
    return undefined;
  }
  // The second field, a name in parentheses, may hold anything.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const ticks = fields.slice(11, 15).reduce((total, field) => total + Number(field), 0);
  return { parent: Number(fields[1]), ticks };
}
