import { execFile, spawn } from "node:child_process";
import { mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Finished } from "./spawned.ts";

const checkout = fileURLToPath(new URL("../..", import.meta.url));

/** What one run of the installed command may be given. */
export interface InstalledRun {
  /** Where it runs. */
  readonly folder: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** What it reads from its standard input, which then ends. */
  readonly input?: string;
}

/**
 * The package as others get it: packed, and installed with npm where neither the checkout nor anything but Node, `sh` and
 * `readlink` is on the PATH, for a user with an empty home.
 */
export class InstalledPackage {
  private constructor(
    /** Holds everything; removed by `remove`. */
    readonly folder: string,
    readonly archive: string,
    readonly packedBytes: number,
    /** Paths in the archive. */
    readonly files: readonly string[],
    private readonly npm: Readonly<Record<string, string>>,
  ) {}

  static async install(): Promise<InstalledPackage> {
    const folder = await mkdtemp(join(tmpdir(), "assay-package-"));
    const run = promisify(execFile);
    const { stdout } = await run("npm", ["pack", "--silent", "--json", "--pack-destination", folder], {
      cwd: checkout,
      maxBuffer: 2 ** 26,
    });
    const [packed] = JSON.parse(stdout) as { filename: string; size: number; files: { path: string }[] }[];
    const archive = join(folder, packed!.filename);
    const prefix = join(folder, "prefix");
    await run("npm", [
      "install",
      "--global",
      "--prefix",
      prefix,
      "--prefer-offline",
      "--no-audit",
      "--no-fund",
      archive,
    ]);
    for (const made of ["home", "tools"]) await mkdir(join(folder, made));
    const { stdout: tools } = await run("sh", ["-c", "command -v sh && command -v readlink && command -v npm"]);
    const [sh, readlink, npm] = tools.trim().split("\n");
    await symlink(sh!, join(folder, "tools/sh"));
    await symlink(readlink!, join(folder, "tools/readlink"));
    await symlink(process.execPath, join(folder, "tools/node"));
    const setting = async (name: string) => (await run("npm", ["config", "get", name])).stdout.trim();
    const settings = {
      npm_config_cache: await setting("cache"),
      npm_config_userconfig: await setting("userconfig"),
      npm_config_prefer_offline: "true",
      ASSAY_TEST_NPM: npm!,
    };
    const files = packed!.files.map(({ path }) => path);
    return new InstalledPackage(folder, archive, packed!.size, files, settings);
  }

  /** The folder of the installed package. */
  get root(): string {
    return join(this.folder, "prefix/lib/node_modules/assay");
  }

  /** Runs `assay` to its end. */
  async run(args: readonly string[], options: InstalledRun): Promise<Finished> {
    return await this.finish(join(this.folder, "prefix/bin/assay"), args, this.environment(options), options);
  }

  /** Runs `npx` to its end, with the npm of this machine and what it has fetched before. */
  async npx(args: readonly string[], options: InstalledRun): Promise<Finished> {
    const { ASSAY_TEST_NPM: npm, ...settings } = this.npm;
    const environment = { ...this.environment(options), ...settings };
    return await this.finish(join(dirname(npm!), "npx"), args, environment, options);
  }

  /** Starts `assay` and waits for its first line. `end` ends it and gives its exit status. */
  async start(
    args: readonly string[],
    options: InstalledRun,
  ): Promise<{ line: string; end(): Promise<number | null> }> {
    const child = spawn(join(this.folder, "prefix/bin/assay"), args, {
      cwd: options.folder,
      env: this.environment(options),
      stdio: ["ignore", "pipe", "inherit"],
    });
    const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
    const line = new Promise<string>((resolve) => createInterface({ input: child.stdout }).once("line", resolve));
    const first = await Promise.race([line, ended]);
    if (typeof first !== "string") throw new Error(`assay ${args[0]} ended with ${first} before it wrote a line`);
    return {
      line: first,
      async end() {
        child.kill("SIGTERM");
        return await ended;
      },
    };
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }

  private environment({ environment }: InstalledRun): Record<string, string> {
    const path = [join(this.folder, "prefix/bin"), join(this.folder, "tools")].join(":");
    // What V8 has compiled is kept for the next command, as for the others of a run of all tests.
    const { NODE_COMPILE_CACHE: compiled } = process.env;
    const cache = compiled === undefined ? {} : { NODE_COMPILE_CACHE: compiled };
    return { PATH: path, HOME: join(this.folder, "home"), ...cache, ...environment };
  }

  private async finish(
    program: string,
    args: readonly string[],
    env: Record<string, string>,
    { folder: cwd, input = "" }: InstalledRun,
  ): Promise<Finished> {
    return await new Promise((resolve, reject) => {
      const child = execFile(program, args, { cwd, env, maxBuffer: 2 ** 26 }, (error, stdout, stderr) => {
        if (error !== null && typeof error.code === "string") reject(error);
        else resolve({ status: child.exitCode, stdout, stderr });
      });
      // It need not read it.
      child.stdin!.on("error", () => {});
      child.stdin!.end(input);
    });
  }
}
