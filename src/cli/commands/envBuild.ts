import { type Command, InvalidArgumentError } from "commander";
import { AssayError } from "../../core/errors.ts";
import { cacheFolder } from "../../core/node/cacheFolder.ts";
import type { EnvironmentLock, Origin } from "../../guest/images/lock.ts";
import { type Place, parsePlace, treeMakerOf } from "../environmentTree.ts";
import { createOutput, type Progress, table } from "../output.ts";

/** Sizes of an environment that nobody chose sizes for. */
const defaults = { ramSize: 2 ** 30, inputLog2Size: 26, outputLog2Size: 28 } as const;

interface BuildOptions {
  readonly packages?: readonly string[];
  readonly npm?: readonly string[];
  readonly from?: string;
  readonly like?: string;
  readonly essential: boolean;
  readonly ram?: number;
  readonly inputSize?: number;
  readonly outputSize?: number;
  readonly lock?: string;
  readonly relock: boolean;
  readonly json: boolean;
}

export function addEnvBuild(env: Command): void {
  env
    .command("build")
    .argument("[name]", "an environment that comes with Assay, or the name of one of your own", "small")
    .description("make an environment from Debian packages, an OCI image, a folder or a Nix closure")
    .option("--packages <names>", "Debian packages, separated by commas; what they need comes along", parseList)
    .option("--npm <names>", "packages of npm that need no others, name or name@version", parseList)
    .option("--from <origin>", "oci:<folder or tar>, dir:<folder> or nix:<file of nix-store --export>")
    .option("--like <name>", "the same root file system as another environment, with other sizes")
    .option("--no-essential", "leave out what every Debian system has, a shell among it")
    .option("--ram <size>", "memory of the guest, for example 512MiB or 1GiB", parseSize)
    .option("--input-size <size>", "room for a source, a power of two", parsePower)
    .option("--output-size <size>", "room for an artifact, a power of two", parsePower)
    .option("--lock <file>", "the environment's lock (default: the one that comes with Assay, else <name>.lock.json)")
    .option("--relock", "look everything up anew: newer versions, another id", false)
    .option("--json", "print as JSON", false)
    .addHelpText(
      "after",
      `
The first build of an environment writes its lock: every package with version and sha256, and the sha256 of the image. From
then on the same command makes the same bytes, on any machine with Debian's tools (dpkg, apt).

Exit status: 0 built; 5 what came out is not what the lock says.

Examples:
  assay env build c
  assay env build mine --packages gcc,make,libssl-dev --ram 512MiB
  assay env build mine --relock
  assay env build c-large --like c --ram 1536MiB
  assay env build image --from oci:./image.tar`,
    )
    .action(build);
}

async function build(name: string, options: BuildOptions): Promise<void> {
  const output = createOutput(options.json);
  const progress = output.progress(name);
  const [parts, locks, making, { loadKeccakKernel }] = await Promise.all([
    import("../guestParts.ts"),
    import("../environmentLocks.ts"),
    import("../../guest/images/node/buildEnvironment.ts"),
    import("../../merkle/node/keccakKernelNode.ts"),
  ]);
  const folder = cacheFolder();
  try {
    const file = locks.lockFileOf(name, options.lock);
    const present = (await locks.readLockFile(file)) ?? (await likeAnother(name, options.like));
    if (present === undefined && isFromScript(name, options)) {
      process.exitCode = await parts.runPartsScript(name, ...(options.json ? ["--json"] : []));
      return;
    }
    const place = options.from === undefined ? undefined : parsePlace(options.from);
    const origin = originOf(options, place, present);
    const lock = await lockFor(name, origin, present, options, progress);
    const { kernel, kit } = await parts.guestParts(folder);
    const wanted = options.relock ? { ...lock, root: undefined } : lock;
    let root = wanted.root;
    if (root === undefined || !(await making.hasRoot(lock, folder))) {
      const makeTree = await treeMakerOf(lock, place, folder);
      root = await making.buildRoot(makeTree, { folder, kit, say: (text) => progress.update(text) });
      making.checkRoot(wanted, root);
    }
    const manifest = await making.writeEnvironment(lock, { kernel, root }, folder, await loadKeccakKernel());
    await locks.writeLockFile(file, { ...lock, root, id: manifest.id });
    progress.end();
    output.data({ name, id: manifest.id, lock: file, images: manifest.images }, () =>
      table([
        ["environment", name],
        ["id", manifest.id],
        ["image", `0x${root}, ${manifest.images.root.size} bytes`],
        ["lock", file],
      ]),
    );
  } finally {
    progress.end();
  }
}

/** The lock of an environment of another name, as one of this name. */
async function likeAnother(name: string, other: string | undefined): Promise<EnvironmentLock | undefined> {
  if (other === undefined) return undefined;
  const { lockFileOf, readLockFile } = await import("../environmentLocks.ts");
  const lock = await readLockFile(lockFileOf(other, undefined));
  if (lock === undefined) throw badArgument(`the environment ${other} has no lock`);
  return { ...lock, name };
}

/** Whether it is the one that the checkout's script makes. */
function isFromScript(name: string, { packages, from }: BuildOptions): boolean {
  return name === "small" && packages === undefined && from === undefined;
}

/** What the environment is to be made of: as the options say, else as its lock does. */
function originOf(
  { packages, npm = [], essential }: BuildOptions,
  place: Place | undefined,
  present: EnvironmentLock | undefined,
): Origin {
  if (place !== undefined) {
    if (packages !== undefined || npm.length > 0) throw badArgument("--from excludes --packages and --npm");
    return { kind: place.kind };
  }
  if (packages !== undefined || npm.length > 0) {
    const leftOut = present?.from.kind === "debian" ? present.from.leftOut : [];
    return {
      kind: "debian",
      suite: "trixie",
      packages: [...(packages ?? [])].sort(),
      npm: [...npm],
      essential,
      leftOut,
    };
  }
  if (present !== undefined) return present.from;
  throw badArgument(
    "say what it is made of: --packages gcc,make or --from oci:<folder or tar>, dir:<folder>, nix:<file>",
  );
}

async function lockFor(
  name: string,
  origin: Origin,
  present: EnvironmentLock | undefined,
  options: BuildOptions,
  progress: Progress,
): Promise<EnvironmentLock> {
  const { isOf, resolveOrigin } = await import("../../guest/images/node/resolveLock.ts");
  const { ramSize, inputLog2Size, outputLog2Size } = present ?? defaults;
  const sizes = {
    ramSize: options.ram ?? ramSize,
    inputLog2Size: options.inputSize === undefined ? inputLog2Size : Math.log2(options.inputSize),
    outputLog2Size: options.outputSize === undefined ? outputLog2Size : Math.log2(options.outputSize),
  };
  if (present !== undefined && !options.relock) {
    if (isOf(present, origin)) return { ...present, ...sizes };
    throw badArgument(`the lock of ${name} is of something else: --relock makes it anew, --lock names another one`);
  }
  const tickLimit = present?.tickLimit === undefined ? {} : { tickLimit: present.tickLimit };
  const head = { version: 1, name, ...sizes, ...tickLimit, from: origin } as const;
  if (origin.kind !== "debian") return { ...head, debian: [], npm: [] };
  progress.update("looking up packages");
  return { ...head, ...(await resolveOrigin(origin, cacheFolder())) };
}

function parseList(text: string): string[] {
  const names = text.split(/[\s,]+/).filter((name) => name !== "");
  if (names.length === 0) throw new InvalidArgumentError("expected names, separated by commas");
  return names;
}

const units: Readonly<Record<string, number>> = { MiB: 2 ** 20, GiB: 2 ** 30 };

/** A number of bytes, given in MiB or GiB. */
export function parseSize(text: string): number {
  const [, number, unit] = /^([1-9]\d{0,4})(MiB|GiB)$/.exec(text) ?? [];
  if (number === undefined) throw new InvalidArgumentError("expected a size, for example 512MiB or 1GiB");
  return Number(number) * units[unit!]!;
}

function parsePower(text: string): number {
  const size = parseSize(text);
  if (!Number.isInteger(Math.log2(size))) throw new InvalidArgumentError("expected a power of two, for example 256MiB");
  return size;
}

function badArgument(fact: string) {
  return new AssayError("cli/bad-argument", fact);
}
