import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { identifyBuild } from "../../src/build/node/identifyBuild.ts";
import { type BuildOptions, buildRequestOf } from "../../src/cli/buildOptions.ts";
import { dependencyLockName, formatDependencyLock } from "../../src/dependencies/lock.ts";
import { lockDependencies } from "../../src/dependencies/node/assemble.ts";
import { buildIdOf } from "../../src/environment/environment.ts";
import { decodeInput } from "../../src/guest/inputDrive.ts";
import { loadKeccakKernel } from "../../src/merkle/node/keccakKernelNode.ts";
import { directoryStore } from "../../src/store/node/directoryStore.ts";
import { startLocalRegistry } from "../support/localRegistry.ts";
import { archiveOf } from "../support/packageRegistry.ts";
import { integrityOf } from "../support/signedPackage.ts";
import { keepEnvironment, toyEnvironment } from "../support/toyEnvironment.ts";

const hasher = await loadKeccakKernel();
const command: BuildOptions = { env: "toy", run: "make", out: ["program"], reports: [], set: {}, submodules: true };

let folder: string;
let image: Uint8Array;
const project = (name = "package-lock.json") => join(folder, "project", name);
const identify = async (options: Partial<BuildOptions> = {}) =>
  await identifyBuild(await buildRequestOf(join(folder, "project"), { ...command, ...options }));

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "assay-build-dependencies-"));
  process.env.XDG_CACHE_HOME = join(folder, "cache");
  await keepEnvironment(join(folder, "cache/assay"), await toyEnvironment({ inputLog2Size: 20 }));
  const archive = await archiveOf({ "package/package.json": '{"name":"a","version":"1.0.0"}' });
  const own = { version: "1.0.0", integrity: integrityOf(archive) };
  const text = JSON.stringify({ lockfileVersion: 3, packages: { "": {}, "node_modules/a": own } });
  await using registry = await startLocalRegistry(new Map([["/a/-/a-1.0.0.tgz", archive]]));
  const kept = join(folder, "cache/assay/dependencies");
  const places = { folder: kept, hasher, store: directoryStore(kept), registries: { npm: registry.url } };
  const locked = await lockDependencies(new Map([["package-lock.json", new TextEncoder().encode(text)]]), places);
  image = await readFile(locked.file);
  await mkdir(join(folder, "project"));
  await writeFile(project(), text);
  await writeFile(project(dependencyLockName), formatDependencyLock(locked.lock));
});
afterAll(async () => await rm(folder, { recursive: true, force: true }));

describe("a build of a source with a lock of dependencies", () => {
  it("has them in its id and its input, and needs no image for either", async () => {
    const { buildId, environment, drive, dependencies } = await identify();
    expect(buildId).toBe(buildIdOf(environment, drive, hasher, image));
    expect(decodeInput(drive).dependenciesSize).toBe(image.length);
    expect(Buffer.from(await dependencies!.read()).equals(image)).toBe(true);
  });

  it("has none where it is to have none", async () => {
    const { buildId, environment, drive, dependencies } = await identify({ deps: false });
    expect(dependencies).toBeUndefined();
    expect(buildId).toBe(buildIdOf(environment, drive, hasher));
    expect(decodeInput(drive).dependenciesSize).toBe(0);
  });

  it("takes another lock that is named", async () => {
    const lock = JSON.parse(await readFile(project(dependencyLockName), "utf8"));
    const other = { ...lock, image: { ...lock.image, root: `0x${"12".repeat(32)}` } };
    await writeFile(join(folder, "other.json"), JSON.stringify(other));
    const named = await identify({ deps: join(folder, "other.json") });
    expect(named.buildId).not.toBe((await identify()).buildId);
    await expect(identify({ deps: join(folder, "none.json") })).rejects.toMatchObject({ code: "cli/bad-argument" });
  });

  it("is refused where its image is larger than the drive", async () => {
    const lock = JSON.parse(await readFile(project(dependencyLockName), "utf8"));
    await writeFile(join(folder, "large.json"), JSON.stringify({ ...lock, image: { ...lock.image, size: 2 ** 21 } }));
    const refusal = identify({ deps: join(folder, "large.json") });
    await expect(refusal).rejects.toMatchObject({ code: "dependencies/too-large", details: { most: 2 ** 20 } });
  });

  it("is refused where the project's locks have changed since", async () => {
    const text = await readFile(project(), "utf8");
    await writeFile(project(), `${text}\n`);
    await expect(identify()).rejects.toMatchObject({ code: "dependencies/stale-lock" });
    expect((await identify({ deps: false })).dependencies).toBeUndefined();
    await writeFile(project(), text);
  });

  it("does without them in an environment that runs no commands, and cannot have them there", async () => {
    const plain: BuildOptions = { env: "releaseTarball", out: [], reports: [], set: {}, submodules: true };
    const request = await buildRequestOf(join(folder, "project"), plain);
    expect(request.dependencies).toBeUndefined();
    const refusal = buildRequestOf(join(folder, "project"), { ...plain, deps: project(dependencyLockName) });
    await expect(refusal).rejects.toMatchObject({ code: "cli/bad-argument" });
  });
});
