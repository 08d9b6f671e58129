/**
 * Which packages of Debian an environment is made of: asked of an apt of its own, which knows nothing of this host's packages,
 * with an empty system, so that the answer depends on the archive alone.
 */
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AssayError, isAssayError } from "../../../core/errors.ts";
import { makeFolder } from "../../../core/node/makeFolder.ts";
import type { DebianPackage } from "../lock.ts";
import { runTool } from "./tools.ts";

const architecture = "riscv64";

/** An archive of Debian packages as apt finds it. */
export interface DebianArchive {
  /** Its addresses, tried in this order; each ends with a slash. */
  readonly mirrors: readonly string[];
  readonly suite: string;
  /** The file of the keys that sign it. */
  readonly keyring: string;
  /** Whether the packages that every Debian system has are wanted, too. */
  readonly essential: boolean;
}

export interface ResolvedPackages {
  readonly packages: readonly DebianPackage[];
  /** When the archive was signed, as Debian's snapshot archive writes times: 20260131T120000Z. */
  readonly snapshot: string;
}

/**
 * All packages that those named need, without what is only recommended.
 * @throws AssayError `guest/unresolved` with apt's reasons, `guest/tool-failed`
 */
export async function resolvePackages(names: readonly string[], archive: DebianArchive): Promise<ResolvedPackages> {
  const folder = await mkdtemp(join(tmpdir(), "assay-apt-"));
  try {
    const failures: string[] = [];
    for (const mirror of archive.mirrors) {
      try {
        const apt = await prepare(folder, mirror, archive);
        await apt("apt-get", "update", "--error-on=any");
        return {
          packages: await closure([...(archive.essential ? ["?essential"] : []), ...names], apt),
          snapshot: await snapshotOf(folder),
        };
      } catch (error) {
        if (!isAssayError(error, "guest/tool-failed")) throw error;
        failures.push(error.message);
      }
    }
    throw new AssayError(
      "guest/unresolved",
      `no mirror of Debian answers for ${archive.suite}; name one in ASSAY_DEBIAN_MIRROR:\n${failures.join("\n")}`,
      { packages: names },
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

type Apt = (program: "apt-get" | "apt-cache", ...args: readonly string[]) => Promise<string>;

/** An apt whose every file is in this folder. */
async function prepare(folder: string, mirror: string, { suite, keyring }: DebianArchive): Promise<Apt> {
  for (const name of ["lists/partial", "cache/archives/partial", "sources"]) makeFolder(join(folder, name));
  await writeFile(join(folder, "status"), "");
  const source = { Types: "deb", URIs: mirror, Suites: suite, Components: "main", "Signed-By": keyring };
  const lines = Object.entries(source).map(([key, value]) => `${key}: ${value}\n`);
  await writeFile(join(folder, "sources", "debian.sources"), lines.join(""));
  const settings = {
    "APT::Architecture": architecture,
    "Dir::State": folder,
    "Dir::State::Lists": join(folder, "lists"),
    "Dir::State::status": join(folder, "status"),
    "Dir::Etc::SourceList": "/dev/null",
    "Dir::Etc::SourceParts": join(folder, "sources"),
    "Dir::Etc::Parts": "/dev/null",
    "Dir::Etc::Preferences": "/dev/null",
    "Dir::Etc::PreferencesParts": "/dev/null",
    "Dir::Cache": join(folder, "cache"),
    "APT::Sandbox::User": "root",
    "APT::Install-Recommends": "false",
    "Acquire::Languages": "none",
    "Acquire::Retries": "2",
  };
  const text = Object.entries(settings).map(([key, value]) => `${key} "${value}";\n`);
  const file = join(folder, "apt.conf");
  await writeFile(file, `${text.join("")}APT::Architectures { "${architecture}"; };\n`);
  return async (program, ...args) => await runTool(program, args, { env: { APT_CONFIG: file } });
}

async function closure(names: readonly string[], apt: Apt): Promise<DebianPackage[]> {
  const simulated = await apt("apt-get", "install", "--simulate", "--yes", ...names).catch((error) => {
    if (!isAssayError(error, "guest/tool-failed")) throw error;
    throw new AssayError(
      "guest/unresolved",
      `apt finds no way to have ${names.join(" ")} together: ${error.message}`,
      { packages: names },
      { cause: error },
    );
  });
  const chosen = [...simulated.matchAll(/^Inst (\S+) \((\S+) /gm)].map(([, name, version]) => `${name}=${version}`);
  const shown = await apt("apt-cache", "show", ...chosen);
  const packages = shown
    .split("\n\n")
    .filter((paragraph) => paragraph.trim() !== "")
    .map(packageOf);
  return packages.sort((a, b) => (a.name < b.name ? -1 : 1));
}

function packageOf(paragraph: string): DebianPackage {
  const field = (name: string) => new RegExp(`^${name}: (.*)$`, "m").exec(paragraph)?.[1] ?? "";
  return { name: field("Package"), version: field("Version"), path: field("Filename"), sha256: field("SHA256") };
}

/**
 * A time at which the snapshot archive has what this archive has: a day after its index was signed, for it is looked at some
 * hours later.
 */
async function snapshotOf(folder: string): Promise<string> {
  const lists = join(folder, "lists");
  const index = (await readdir(lists)).find((name) => /(In)?Release$/.test(name));
  const text = index === undefined ? "" : await readFile(join(lists, index), "utf8");
  const signed = Date.parse(/^Date: (.*)$/m.exec(text)?.[1] ?? "");
  if (Number.isNaN(signed)) {
    throw new AssayError("guest/unresolved", "the archive's index does not say when it was signed", { packages: [] });
  }
  const day = 24 * 60 * 60 * 1000;
  return `${new Date(signed + day).toISOString().replaceAll(/[-:]|\.\d+/g, "")}`;
}
