import { execFileSync } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { startLocalRegistry } from "../support/localRegistry.ts";
import { layerInUse, lockedLayer } from "../support/lockedProject.ts";
import { archiveOf } from "../support/packageRegistry.ts";
import { sha256 } from "../support/signedPackage.ts";

const hasCargo = succeeds("cargo", ["--version"]);
const cratesIo = "registry+https://github.com/rust-lang/crates.io-index";

function succeeds(command: string, args: readonly string[]): boolean {
  try {
    execFileSync(command, args, { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

function lockOf(checksum: string, source = cratesIo): string {
  return `version = 4

[[package]]
name = "locked"
version = "1.2.0"
source = "${source}"
checksum = "${checksum}"

[[package]]
name = "project"
version = "0.1.0"
dependencies = [
 "locked",
]
`;
}

async function crate(files: Readonly<Record<string, string>> = {}) {
  return await archiveOf({
    "locked-1.2.0/Cargo.toml": '[package]\nname = "locked"\nversion = "1.2.0"\nedition = "2021"\n',
    "locked-1.2.0/src/lib.rs": "pub fn number() -> u32 { 42 }\n",
    ...files,
  });
}

async function layerOfCrate(archive: Buffer, lock = lockOf(sha256(archive))) {
  await using registry = await startLocalRegistry(new Map([["/locked/locked-1.2.0.crate", archive]]));
  return await lockedLayer({ "Cargo.lock": lock }, { cargo: registry.url });
}

describe("the crates that Cargo finds", () => {
  it.runIf(hasCargo)("are enough for cargo build --offline --frozen", async () => {
    const archive = await crate();
    const { entries, layer } = await layerOfCrate(archive);
    expect(entries.map(({ urls }) => urls)).toEqual([["https://static.crates.io/crates/locked/locked-1.2.0.crate"]]);
    await using use = await layerInUse(layer);
    const folder = join(use.root, "w");
    await mkdir(join(folder, "src"), { recursive: true });
    await writeFile(join(folder, "Cargo.lock"), lockOf(sha256(archive)));
    const manifest =
      '[package]\nname = "project"\nversion = "0.1.0"\nedition = "2021"\n\n[dependencies]\nlocked = "1"\n';
    await writeFile(join(folder, "Cargo.toml"), manifest);
    await writeFile(join(folder, "src/lib.rs"), "pub fn more() -> u32 { locked::number() + 1 }\n");
    const rustup = process.env.RUSTUP_HOME ?? join(homedir(), ".rustup");
    await use.run("cargo", ["build", "--offline", "--frozen", "--quiet"], folder, { RUSTUP_HOME: rustup });
  });

  it.each([
    ["climbs out", { "../outside": "" }, /is not in locked-1\.2\.0/],
    ["climbs out by way of its folder", { "locked-1.2.0/../../outside": "" }, /path .*which is none/],
    ["holds what belongs to another crate", { "other-1.0.0/src/lib.rs": "" }, /is not in locked-1\.2\.0/],
    ["brings its own checksum", { "locked-1.2.0/.cargo-checksum.json": "{}" }, /\.cargo-checksum\.json/],
    ["has a file and a folder of one name", { "locked-1.2.0/src": "" }, /as a file and as a folder|twice/],
  ])("are refused where an archive %s", async (_, files, why) => {
    const refusal = layerOfCrate(await crate(files));
    await expect(refusal).rejects.toMatchObject({
      code: "dependencies/bad-archive",
      message: expect.stringMatching(why),
    });
  });

  it.each([
    ["of another registry", lockOf("00".repeat(32), "registry+https://example.org/index"), /not from crates\.io/],
    [
      "of a repository",
      lockOf("00".repeat(32), "git+https://example.org/a").replace(/checksum.*\n/, ""),
      /a repository/,
    ],
    ["with a name that is none", lockOf("00".repeat(32)).replace('"locked"', '"../locked"'), /not named so/],
  ])("are refused in a lock %s", async (_, lock, why) => {
    const refusal = layerOfCrate(await crate(), lock);
    await expect(refusal).rejects.toMatchObject({ code: "dependencies/bad-lock", message: expect.stringMatching(why) });
  });
});
