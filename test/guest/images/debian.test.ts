import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { DebianPackage, EnvironmentLock } from "../../../src/guest/images/lock.ts";
import { encodeLock, parseLock } from "../../../src/guest/images/lock.ts";
import { resolvePackages } from "../../../src/guest/images/node/apt.ts";
import { unpackDebian } from "../../../src/guest/images/node/debianTree.ts";
import { fetchDebian } from "../../../src/guest/images/node/downloads.ts";
import { Spool } from "../../../src/guest/images/node/spool.ts";
import { configure, mergeUsr } from "../../../src/guest/images/node/steps.ts";
import { RootTree } from "../../../src/guest/images/rootTree.ts";
import { type ArchivePackage, DebianArchive } from "../../support/debianArchive.ts";
import { treeText } from "../../support/treeText.ts";

const hasTools = ["/usr/bin/apt-get", "/usr/bin/dpkg-scanpackages", "/usr/bin/gpg"].every((file) => existsSync(file));

const base: readonly ArchivePackage[] = [
  {
    name: "base",
    fields: { Essential: "yes" },
    files: { "usr/bin/dash": "shell", "bin/sh": "-> dash", "usr/share/doc/base/x": "read me" },
  },
  { name: "libone", files: { "usr/lib/libone.so": "one" } },
  {
    name: "tool",
    version: "2:1.0-1+b2",
    fields: { Depends: "libone (>= 1)", Recommends: "extra" },
    files: { "usr/bin/gcc": "compiler", "lib/tool/x": "x" },
  },
  { name: "extra", files: { "usr/bin/extra": "extra" } },
];

describe.runIf(hasTools)("packages of Debian", () => {
  let folder: string;
  let archive: DebianArchive;
  let mirror: string;
  let count = 0;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "assay-debian-"));
    archive = await DebianArchive.create(folder);
    mirror = await archive.serve();
    await archive.publish(base);
  });
  afterAll(async () => {
    await archive.close();
    await rm(folder, { recursive: true });
  });

  const places = () => ({ mirrors: [mirror], suite: "trixie", keyring: archive.keyring, essential: true });
  const fresh = (name: string) => join(folder, `${name}-${++count}`);

  async function unpack(packages: readonly DebianPackage[], leftOut: readonly string[] = []) {
    const files = await fetchDebian(packages, { mirrors: [mirror] }, fresh("cache"));
    const spool = await Spool.create(fresh("spool"), 2 ** 20);
    try {
      const tree = new RootTree();
      mergeUsr(tree);
      const controls = await unpackDebian(tree, packages, files, leftOut, spool);
      return { tree, controls, lines: await treeText(tree) };
    } finally {
      await spool.close();
    }
  }

  /** The packages of an archive that holds these as well. */
  async function resolveWith(more: readonly ArchivePackage[]) {
    await archive.publish([...base, ...more]);
    return (
      await resolvePackages(
        more.map(({ name }) => name),
        places(),
      )
    ).packages;
  }

  it("are looked up with all that they need, and nothing that is only recommended", async () => {
    const { packages, snapshot } = await resolvePackages(["tool"], places());
    expect(packages.map(({ name, version, path }) => [name, version, path])).toEqual([
      ["base", "1.0", "pool/main/base_1.0_riscv64.deb"],
      ["libone", "1.0", "pool/main/libone_1.0_riscv64.deb"],
      ["tool", "2:1.0-1+b2", "pool/main/tool_2:1.0-1+b2_riscv64.deb"],
    ]);
    expect(snapshot).toBe("20260104T100000Z");
    const without = await resolvePackages(["libone"], { ...places(), essential: false });
    expect(without.packages.map(({ name }) => name)).toEqual(["libone"]);
  });

  it("are refused by name where there is no way to have them", async () => {
    await expect(resolvePackages(["absent"], places())).rejects.toThrow(
      /no way to have .*absent.*Unable to locate package absent/s,
    );
    await archive.publish([...base, { name: "rival", fields: { Conflicts: "tool" } }]);
    await expect(resolvePackages(["tool", "rival"], places())).rejects.toThrow(/no way to have .*tool rival/s);
    await archive.publish(base);
  });

  it("are not taken from an archive that somebody else has signed", async () => {
    const other = await mkdtemp(join(folder, "other-"));
    const stranger = await DebianArchive.create(other);
    await expect(resolvePackages(["tool"], { ...places(), keyring: stranger.keyring })).rejects.toThrow(
      /no mirror of Debian answers/,
    );
  });

  it("are unpacked as dpkg does, without documentation and what is left out", async () => {
    const { packages } = await resolvePackages(["tool", "extra"], places());
    const { lines } = await unpack(packages, ["usr/bin/extra"]);
    expect(lines).toEqual([
      ...["bin -> usr/bin", "lib -> usr/lib", "sbin -> usr/sbin", "755 usr/", "755 usr/bin/", "755 usr/bin/dash shell"],
      ...[
        "755 usr/bin/gcc compiler",
        "usr/bin/sh -> dash",
        "755 usr/lib/",
        "644 usr/lib/libone.so one",
        "755 usr/lib/tool/",
      ],
      ...["644 usr/lib/tool/x x", "755 usr/sbin/", "755 usr/share/"],
    ]);
  });

  it("get what their maintainers' scripts would have made", async () => {
    const { packages } = await resolvePackages(["tool"], places());
    const { tree, controls } = await unpack(packages);
    await configure(tree, packages, controls);
    const lines = await treeText(tree);
    expect(lines).toContain("usr/bin/cc -> gcc");
    expect(lines.find((line) => line.startsWith("644 etc/passwd "))).toMatch(
      /root:x:0:0.*build:x:1000.*nobody:x:65534/s,
    );
    expect(lines.find((line) => line.startsWith("644 var/lib/dpkg/status"))).toMatch(
      /Package: tool\nStatus: install ok installed\nVersion: 2:1\.0/,
    );
  });

  it("are refused where two have different files at one path, and neither replaces the other's", async () => {
    const other = { "usr/bin/extra": "other" };
    const clash = await resolveWith([{ name: "thief", files: other, fields: { Depends: "extra" } }]);
    await expect(unpack(clash)).rejects.toThrow(/packages extra and thief have different files at "usr\/bin\/extra"/);
    const heir = await resolveWith([
      { name: "heir", files: other, fields: { Depends: "extra", Replaces: "extra (<< 2)" } },
    ]);
    expect((await unpack(heir)).lines).toContain("755 usr/bin/extra other");
    const older = await resolveWith([{ name: "aged", files: other, fields: { Depends: "extra", Replaces: "extra" } }]);
    expect((await unpack(older)).lines).toContain("755 usr/bin/extra other");
    const twin = await resolveWith([
      { name: "twin", files: { "usr/bin/extra": "extra" }, fields: { Depends: "extra" } },
    ]);
    expect((await unpack(twin)).lines).toContain("755 usr/bin/extra extra");
    await archive.publish(base);
  });

  it("come from the snapshot archive where a mirror no longer has them; where none has them, both are named", async () => {
    const { packages } = await resolvePackages(["libone"], places());
    const path = packages.find(({ name }) => name === "libone")!.path;
    await mkdir(join(folder, "snapshot/pool/main"), { recursive: true });
    await cp(archive.file(path), join(folder, "snapshot", path));
    await rm(archive.file(path));
    const snapshot = { url: mirror, time: "20260104T100000Z" };
    const files = await fetchDebian(packages, { mirrors: [mirror], snapshot }, fresh("cache"));
    expect(files).toHaveLength(2);
    expect(archive.asked).toContain(`/archive/debian/20260104T100000Z/${path}`);

    await writeFile(join(folder, "snapshot", path), "something else");
    const fetched = fetchDebian(packages, { mirrors: [mirror], snapshot }, fresh("cache"));
    const addresses = [`${mirror}${path}: `, `${mirror}archive/debian/20260104T100000Z/${path}: `];
    for (const text of ["libone 1.0", ...addresses, "assay env import <file>", "--relock"]) {
      await expect(fetched).rejects.toThrow(text);
    }
    await archive.publish(base);
  });

  it("are taken from the cache only while they hold what the lock says", async () => {
    const { packages } = await resolvePackages(["libone"], { ...places(), essential: false });
    const cache = fresh("cache");
    const [file] = await fetchDebian(packages, { mirrors: [mirror] }, cache);
    const bytes = await readFile(file!);
    await writeFile(file!, "changed");
    await fetchDebian(packages, { mirrors: [mirror] }, cache);
    expect(await readFile(file!)).toEqual(bytes);
    const lying = packages.map((each) => ({ ...each, sha256: "0".repeat(64) }));
    await expect(fetchDebian(lying, { mirrors: [mirror] }, cache)).rejects.toThrow(
      /nowhere with the bytes that the lock names/,
    );
  });
});

describe("the lock of an environment", () => {
  const lock: EnvironmentLock = {
    ...{ version: 1, name: "mine", ramSize: 2 ** 30, inputLog2Size: 26, outputLog2Size: 28, npm: [] },
    from: { kind: "debian", suite: "trixie", packages: ["bb"], npm: [], essential: true, leftOut: [] },
    debian: ["bb", "aa"].map((name) => ({ name, version: "1", path: `pool/main/${name}.deb`, sha256: "1".repeat(64) })),
  };

  it("is the same text whatever the order of packages, and reads back", () => {
    const text = encodeLock(lock);
    expect(encodeLock({ ...lock, debian: [...lock.debian].reverse() })).toBe(text);
    expect(encodeLock(parseLock(text, "mine.lock.json"))).toBe(text);
  });

  const text = encodeLock(lock);
  it.each([
    ["{", /is not JSON/],
    [text.replace("pool/main/aa.deb", "pool/../../x.deb"), /debian\.0\.path/],
    [text.replace('"name":"bb"', '"name":"aa"'), /names aa twice/],
    [text.replace('"suite"', '"evil": 1, "suite"'), /from/],
    [text.replace("1".repeat(64), "x"), /sha256/],
  ])("is refused: %#", (damaged, why) => {
    expect(() => parseLock(damaged, "mine.lock.json")).toThrow(why);
    expect(() => parseLock(damaged, "mine.lock.json")).toThrow(/^mine\.lock\.json is not a lock/);
  });
});
