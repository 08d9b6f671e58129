import { execFileSync, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compiledCommand } from "../../scripts/compiledPackage.ts";
import { archiveOf, startPackageRegistry } from "../support/packageRegistry.ts";
import { readPlayedDocument } from "../support/playedDocument.ts";
import { builder, publishResult, resultThatGives, sha256 } from "../support/signedPackage.ts";
import { runInShell, runProgram } from "../support/spawned.ts";

const file = "docs/packages.md";
const { steps, unmarked } = readPlayedDocument(file);
const step = (who: string, what: string) => steps.find((each) => each.who === who && each.what === what)!.body;
const has = (program: string) => spawnSync(program, ["--version"]).status === 0;
const builders = [builder(1), builder(2)];

let folder: string;
const at = (...path: string[]) => join(folder, ...path);
async function write(files: Readonly<Record<string, string | Buffer>>) {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(at(path)), { recursive: true });
    await writeFile(at(path), content);
  }
}
/** A policy of two builders, of whom both have to agree, that looks into a folder. */
const policy = () => {
  const keys = JSON.stringify({ alice: builders[0]!.keyId, bob: builders[1]!.keyId });
  const from = JSON.stringify([`file:${at("store")}`]);
  return `version: 1\nkeys: ${keys}\nrequire: { builders: { least: 2, of: [alice, bob] } }\nfrom: ${from}\n`;
};
const sign = async (bytes: Buffer) => await publishResult(at("store"), resultThatGives(sha256(bytes)), builders);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "assay-packages-"));
  await write({ "policy.yaml": policy(), "npm/policy.yaml": policy(), "cargo/policy.yaml": policy() });
});
afterAll(async () => await rm(folder, { recursive: true, force: true }));

it("marks every block of the document, and links to what there is", async () => {
  expect(unmarked).toEqual([]);
  const linked = [...(await readFile(file, "utf8")).matchAll(/\]\(([^)#]+)/g)].map(([, target]) =>
    join("docs", target!),
  );
  expect(linked.filter((target) => !existsSync(target))).toEqual([]);
});

describe.skipIf(!has("npm"))("npm", () => {
  let registry: Awaited<ReturnType<typeof startPackageRegistry>>;
  let archive: Buffer;
  const play = async (script: string) => {
    const environment = {
      npm_config_registry: registry.url,
      npm_config_cache: at("npm-cache"),
      npm_config_userconfig: at("npmrc"),
      MARK: at("script-ran"),
    };
    return await runInShell(script, { folder: at("npm"), environment });
  };

  beforeAll(async () => {
    archive = await archiveOf({
      "package/package.json": JSON.stringify({ name: "leaf", version: "1.0.0", scripts: { install: "sh install.sh" } }),
      "package/install.sh": 'touch "$MARK"\n',
    });
    registry = await startPackageRegistry("leaf", "1.0.0", archive);
    await write({
      "npm/package.json": JSON.stringify({ name: "project", version: "1.0.0", dependencies: { leaf: "1.0.0" } }),
    });
    expect(await play("npm install --package-lock-only --no-audit")).toMatchObject({ status: 0 });
  });
  afterAll(() => registry.close());

  it("installs nothing, and runs nothing, of what nobody has signed", async () => {
    const { status, stderr } = await play(step("npm", "hook"));
    expect(status).toBe(3);
    expect(stderr).toMatch(/leaf +1.0.0 +unknown[\s\S]*npm was not run/);
    expect([existsSync(at("npm/node_modules")), existsSync(at("script-ran"))]).toEqual([false, false]);
  });

  it("fetches nothing with --offline, and is undecided", async () => {
    const asked = registry.asked.length;
    const script = step("npm", "hook").replace("--policy", "--offline --packages empty --policy");
    const { status, stderr } = await play(script);
    expect([status, stderr]).toEqual([3, expect.stringContaining("its archive is not here")]);
    expect(registry.asked).toHaveLength(asked);
  });

  it("installs what is accepted, from the bytes that were decided about", async () => {
    await sign(archive);
    expect(await play(step("npm", "check"))).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/leaf +1.0.0 +accepted/),
    });
    const { status, stderr } = await play(step("npm", "hook"));
    expect([status, stderr]).toEqual([0, expect.stringContaining("1 packages: 1 accepted")]);
    expect([existsSync(at("npm/node_modules/leaf")), existsSync(at("script-ran"))]).toEqual([true, true]);
    expect(registry.asked.filter((path) => path.endsWith(".tgz"))).toHaveLength(1);
  });

  it("is not run with options that could install something else", async () => {
    const { status, stderr } = await play(`${step("npm", "hook")} --pref ..`);
    expect([status, stderr]).toEqual([2, expect.stringContaining("npm may install something else")]);
  });
});

describe.skipIf(!has("cargo"))("cargo", () => {
  let crate: Buffer;
  const play = async (script: string) => {
    const environment = { CARGO_HOME: at("cargo-home"), CARGO_NET_OFFLINE: "true", MARK: at("build-ran") };
    return await runInShell(script, { folder: at("cargo"), environment });
  };

  beforeAll(async () => {
    const manifest = '[package]\nname = "leaf"\nversion = "0.1.0"\nedition = "2021"\n';
    crate = await archiveOf({
      "leaf-0.1.0/Cargo.toml": manifest,
      "leaf-0.1.0/src/lib.rs": "pub fn leaf() {}\n",
      "leaf-0.1.0/build.rs": 'fn main() { std::fs::write(std::env::var("MARK").unwrap(), "").unwrap() }\n',
    });
    const entry = { name: "leaf", vers: "0.1.0", deps: [], cksum: sha256(crate), features: {}, yanked: false };
    await write({
      "cargo/registry/index/le/af/leaf": `${JSON.stringify(entry)}\n`,
      "cargo/registry/leaf-0.1.0.crate": crate,
      "cargo/.cargo/config.toml":
        '[source.crates-io]\nreplace-with = "own"\n[source.own]\nlocal-registry = "registry"\n',
      "cargo/Cargo.toml": `${manifest.replace("leaf", "project")}[dependencies]\nleaf = "0.1.0"\n`,
      "cargo/src/lib.rs": "pub use leaf::leaf;\n",
    });
    expect(await play("cargo generate-lockfile")).toMatchObject({ status: 0 });
  });

  it("builds nothing, and runs nothing, of what nobody has signed", async () => {
    const { status, stderr } = await play(step("cargo", "hook"));
    expect([status, stderr]).toEqual([3, expect.stringMatching(/leaf +0.1.0 +unknown[\s\S]*cargo was not run/)]);
    expect([existsSync(at("cargo/target")), existsSync(at("build-ran"))]).toEqual([false, false]);
  });

  it("builds what is accepted", async () => {
    await sign(crate);
    expect((await play(step("cargo", "check"))).status).toBe(0);
    const { status, stderr } = await play(step("cargo", "hook"));
    expect([status, stderr]).toEqual([0, expect.stringContaining("1 packages: 1 accepted")]);
    expect(existsSync(at("build-ran"))).toBe(true);
  });
});

describe.skipIf(!has("apt-get") || !has("dpkg-deb"))("apt", () => {
  /** apt as it is, on a system of its own in the folder, where a fake stands in dpkg's place and notes what it is asked to do. */
  const apt = async (...args: string[]) =>
    await runProgram("apt-get", args, { folder, environment: { APT_CONFIG: at("apt/apt.conf"), LC_ALL: "C" } });
  const dpkgRan = async () => await readFile(at("apt/dpkg.log"), "utf8").catch(() => "");
  const deb = () => at("apt/repository/hello_1.0_all.deb");

  beforeAll(async () => {
    const control = "Package: hello\nVersion: 1.0\nArchitecture: all\nMaintainer: A <a@example.org>\nDescription: x\n";
    await write({ "apt/package/DEBIAN/control": control, "apt/repository/README": "", "apt/status": "" });
    for (const each of ["state/lists/partial", "cache/archives/partial", "log", "etc/none"])
      await mkdir(at("apt", each), { recursive: true });
    execFileSync("dpkg-deb", ["--build", "--root-owner-group", at("apt/package"), deb()]);
    const bytes = await readFile(deb());
    const hook = step("apt", "hook")
      .replaceAll("/usr/bin/assay", compiledCommand)
      .replaceAll("/etc/assay/policy.yaml", at("policy.yaml"));
    await write({
      "apt/repository/Packages": `${control}Filename: ./hello_1.0_all.deb\nSize: ${bytes.length}\nSHA256: ${sha256(bytes)}\n`,
      "apt/etc/sources.list": `deb [trusted=yes] file:${at("apt/repository")} ./\n`,
      "apt/fakeDpkg": `#!/bin/sh\necho "$@" >> '${at("apt/dpkg.log")}'\n`,
      "apt/apt.conf": `Dir "${at("apt")}"; Dir::Etc "etc"; Dir::Etc::main "none"; Dir::Etc::parts "none";
Dir::Etc::sourcelist "sources.list"; Dir::Etc::sourceparts "none"; Dir::Etc::preferencesparts "none"; Dir::Etc::trustedparts "none";
Dir::State "state"; Dir::State::status "${at("apt/status")}"; Dir::Cache "cache"; Dir::Log "log"; Dir::Bin::dpkg "${at("apt/fakeDpkg")}";
APT::Architecture "amd64"; APT::Architectures { "amd64"; }; APT::Sandbox::User ""; Debug::NoLocking "true";
#clear DPkg::Pre-Install-Pkgs;
#clear DPkg::Post-Invoke;
#clear APT::Update::Post-Invoke;
${hook}
`,
    });
    await chmod(at("apt/fakeDpkg"), 0o755);
    expect((await apt("update")).status).toBe(0);
  });

  it("refuses to install what nobody has signed, before dpkg is called", async () => {
    const { status, stdout, stderr } = await apt("install", "-y", "hello");
    expect([status, stderr]).toEqual([100, expect.stringMatching(/assay hook apt .* returned an error code \(3\)/)]);
    expect(stdout).toMatch(/hello +1.0 +unknown/);
    expect(await dpkgRan()).not.toContain("--unpack");
  });

  it("installs what is accepted", async () => {
    await sign(await readFile(deb()));
    const { status, stdout } = await apt("install", "-y", "hello");
    expect([status, stdout]).toEqual([0, expect.stringMatching(/hello +1.0 +accepted +2 of 2 agree/)]);
    expect(await dpkgRan()).toMatch(/--unpack .*hello_1.0_all.deb/);
  });
});
