/** A Debian archive of a test's own: packages that it builds, an index that it signs, served on this machine. */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { chmod, mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** A package: control fields besides name and version, and its files (a text, or `-> target` for a link). */
export interface ArchivePackage {
  readonly name: string;
  readonly version?: string;
  readonly fields?: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, string>>;
}

export class DebianArchive {
  private server: Server | undefined;
  /** Paths that were asked for. */
  readonly asked: string[] = [];

  private constructor(
    readonly folder: string,
    readonly keyring: string,
  ) {}

  /** Makes an archive in an empty folder, with a key of its own. */
  static async create(folder: string): Promise<DebianArchive> {
    const home = join(folder, "gnupg");
    await mkdir(home, { mode: 0o700 });
    const gpg = ["--homedir", home, "--batch", "--quiet"];
    await run("gpg", [...gpg, "--passphrase", "", "--quick-generate-key", "archive@test", "ed25519", "sign", "never"]);
    const keyring = join(folder, "keys.gpg");
    await run("gpg", [...gpg, "--export", "--output", keyring]);
    await run("gpgconf", ["--homedir", home, "--kill", "gpg-agent"]);
    return new DebianArchive(folder, keyring);
  }

  /** Replaces the archive's packages. */
  async publish(packages: readonly ArchivePackage[]): Promise<void> {
    const root = join(this.folder, "www");
    await rm(root, { recursive: true, force: true });
    for (const each of packages) await this.build(each, root);
    const index = join(root, "dists/trixie/main/binary-riscv64");
    await mkdir(index, { recursive: true });
    const { stdout } = await run("dpkg-scanpackages", ["--arch", "riscv64", "--multiversion", "pool"], { cwd: root });
    await writeFile(join(index, "Packages"), stdout);
    const sha256 = createHash("sha256").update(stdout).digest("hex");
    const release =
      "Origin: Test\nSuite: trixie\nCodename: trixie\nDate: Sat, 03 Jan 2026 10:00:00 UTC\nArchitectures: riscv64\nComponents: main\n" +
      `SHA256:\n ${sha256} ${stdout.length} main/binary-riscv64/Packages\n`;
    await writeFile(join(root, "dists/trixie/Release"), release);
    const home = join(this.folder, "gnupg");
    const sign = ["--homedir", home, "--batch", "--quiet", "--clearsign", "--output", "InRelease", "Release"];
    await run("gpg", sign, { cwd: join(root, "dists/trixie") });
    await run("gpgconf", ["--homedir", home, "--kill", "gpg-agent"]);
  }

  /** The file of a package in the archive. */
  file(path: string): string {
    return join(this.folder, "www", path);
  }

  /** Starts to serve; the address ends with a slash. Addresses below `archive/debian/<time>/` serve the folder `snapshot`. */
  async serve(): Promise<string> {
    this.server = createServer(async (request, response) => {
      const path = decodeURIComponent(new URL(request.url!, "http://localhost").pathname);
      this.asked.push(path);
      const [, old] = /^\/archive\/debian\/[0-9TZ]+\/(.*)$/.exec(path) ?? [];
      const file = old === undefined ? this.file(path) : join(this.folder, "snapshot", old);
      const bytes = await readFile(file).catch(() => undefined);
      response.writeHead(bytes === undefined ? 404 : 200).end(bytes);
    });
    await new Promise<void>((resolve) => this.server!.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/`;
  }

  async close(): Promise<void> {
    await new Promise((resolve) => (this.server === undefined ? resolve(0) : this.server.close(resolve)));
  }

  private async build({ name, version = "1.0", fields = {}, files = {} }: ArchivePackage, root: string): Promise<void> {
    const tree = join(this.folder, "tree", `${name}_${version}`);
    await rm(tree, { recursive: true, force: true });
    await mkdir(join(tree, "DEBIAN"), { recursive: true });
    const control = {
      Package: name,
      Version: version,
      Architecture: "riscv64",
      Maintainer: "a <a@b>",
      Description: "x",
      ...fields,
    };
    const lines = Object.entries(control).map(([key, value]) => `${key}: ${value}\n`);
    await writeFile(join(tree, "DEBIAN/control"), lines.join(""));
    for (const [path, text] of Object.entries(files)) {
      const file = join(tree, path);
      await mkdir(dirname(file), { recursive: true });
      if (text.startsWith("-> ")) await symlink(text.slice(3), file);
      else {
        await writeFile(file, text, "latin1");
        await chmod(file, path.includes("bin/") ? 0o755 : 0o644);
      }
    }
    const pool = join(root, "pool/main");
    await mkdir(pool, { recursive: true });
    await run("dpkg-deb", [
      "--root-owner-group",
      "-Znone",
      "--build",
      tree,
      join(pool, `${name}_${version}_riscv64.deb`),
    ]);
  }
}
