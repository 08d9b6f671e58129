import { spawn } from "node:child_process";

export interface RunOptions {
  readonly cwd?: string;
  /** Added to the fixed environment. */
  readonly env?: Readonly<Record<string, string>>;
}

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

/** Runs a program to its end and returns its standard output; what it said is in the error when it fails. */
export function run(program: string, args: readonly string[], { cwd, env = {} }: RunOptions = {}): Promise<string> {
  const network = Object.entries(process.env).filter(([name]) => networkVariables.test(name));
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      ...(cwd === undefined ? {} : { cwd }),
      env: { ...Object.fromEntries(network), ...fixedEnvironment, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const output: Buffer[] = [];
    let said = "";
    child.stdout.on("data", (chunk: Buffer) => output.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-4000);
    });
    child.on("error", (cause) => reject(new Error(`cannot run ${program}`, { cause })));
    child.on("close", (status) => {
      const text = Buffer.concat(output).toString();
      if (status === 0) resolve(text);
      else reject(new Error(`${program} ${args.join(" ")} failed (${status}):\n${text.slice(-2000)}${said}`));
    });
  });
}
