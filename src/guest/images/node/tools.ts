import { type ChildProcess, spawn } from "node:child_process";
import type { Readable } from "node:stream";
import { AssayError } from "../../../core/errors.ts";

/** The environment of every tool: nothing of the user's that could show in what it makes. */
const fixedEnvironment = {
  PATH: process.env.PATH ?? "/usr/sbin:/usr/bin:/sbin:/bin",
  HOME: process.env.HOME ?? "/",
  LC_ALL: "C",
  TZ: "UTC",
  SOURCE_DATE_EPOCH: "0",
};

/** How to reach the network; of no influence on what comes from it, which is checked by hash. */
const networkVariables = /^(https?|no|all)_proxy$|^(npm_config_|NODE_EXTRA_CA_CERTS|SSL_CERT_)/i;

const keptErrorBytes = 4000;

/** Of which Debian package a tool comes that may be missing. */
const packagesOf: Readonly<Record<string, string>> = {
  "apt-get": "apt",
  "apt-cache": "apt",
  "dpkg-deb": "dpkg",
  "qemu-riscv64": "qemu-user",
};

export interface ToolOptions {
  readonly cwd?: string;
  /** Added to the fixed environment. */
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * Runs a program of the host to its end and returns its standard output.
 * @throws AssayError `guest/tool-failed` with what it said
 */
export async function runTool(program: string, args: readonly string[], options: ToolOptions = {}): Promise<string> {
  return await readTool(program, args, options, async (stdout) => {
    const parts: Buffer[] = [];
    for await (const part of stdout) parts.push(part as Buffer);
    return Buffer.concat(parts).toString();
  });
}

/** Like `runTool`, for a program whose standard output is read as a stream: what `read` makes of it. */
export async function readTool<T>(
  program: string,
  args: readonly string[],
  { cwd, env = {} }: ToolOptions,
  read: (stdout: Readable) => Promise<T>,
): Promise<T> {
  const network = Object.entries(process.env).filter(([name]) => networkVariables.test(name));
  const child = spawn(program, args, {
    ...(cwd === undefined ? {} : { cwd }),
    env: { ...Object.fromEntries(network), ...fixedEnvironment, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-keptErrorBytes);
  });
  const ended = endOf(child, program);
  // The reader of the output is told first; then how the program ended.
  ended.catch(() => {});
  try {
    const result = await read(child.stdout);
    const status = await ended;
    if (status !== 0) throw toolFailed(program, `${args.join(" ")} failed (${status}): ${said}`, status);
    return result;
  } catch (error) {
    child.kill("SIGTERM");
    const status = await ended;
    if (status !== 0 && status !== null) throw toolFailed(program, `failed (${status}): ${said}`, status, error);
    throw error;
  }
}

function endOf(child: ChildProcess, program: string): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.on("error", (cause) => {
      const origin = packagesOf[program];
      const hint = origin === undefined ? "" : `: on Debian it is in the package ${origin}`;
      reject(toolFailed(program, `cannot be run${hint}`, undefined, cause));
    });
    child.on("close", (status) => resolve(status));
  });
}

function toolFailed(program: string, fact: string, status?: number | null, cause?: unknown) {
  return new AssayError(
    "guest/tool-failed",
    `${program} ${fact}`,
    { program, ...(status !== undefined && { status }) },
    { cause },
  );
}
