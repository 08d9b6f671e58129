import { describe, expect, it } from "vitest";
import { imageOf } from "../../src/dependencies/image.ts";
import { encodeBuild, pinnedImageFiles, runInput } from "../support/guestRun.ts";
import { startLocalRegistry } from "../support/localRegistry.ts";
import { lockedLayer } from "../support/lockedProject.ts";
import { archiveOf } from "../support/packageRegistry.ts";
import { sha256 } from "../support/signedPackage.ts";

/** The image of one locked crate. */
async function imageOfCrate(): Promise<Uint8Array> {
  const archive = await archiveOf({
    "locked-1.2.0/Cargo.toml": '[package]\nname = "locked"\nversion = "1.2.0"\n',
    "locked-1.2.0/src/lib.rs": "pub fn number() -> u32 { 42 }\n",
  });
  const lock = `version = 4\n\n[[package]]\nname = "locked"\nversion = "1.2.0"\nsource = "registry+https://github.com/rust-lang/crates.io-index"\nchecksum = "${sha256(archive)}"\n`;
  await using registry = await startLocalRegistry(new Map([["/locked/locked-1.2.0.crate", archive]]));
  const { layer } = await lockedLayer({ "Cargo.lock": lock }, { cargo: registry.url });
  const parts: Uint8Array[] = [];
  for await (const part of imageOf(layer).chunks()) parts.push(part.slice());
  return Buffer.concat(parts);
}

describe.runIf(pinnedImageFiles())("a guest with a dependency drive", () => {
  it("has the dependencies over its root file system, with their variables set", async () => {
    const image = await imageOfCrate();
    const command =
      'cat "$CARGO_HOME"/crates/locked-1.2.0/src/lib.rs >out && echo "$CARGO_NET_OFFLINE" >>out && ' +
      'echo more >"$CARGO_HOME"/more && ls "$CARGO_HOME" >>out && ls /usr/bin | grep -c . >/dev/null';
    const run = runInput(encodeBuild({}, { command }, image.length), "small", undefined, image);
    expect(run).toMatchObject({ exitCode: 0 });
    expect(Buffer.from(run.artifact).toString()).toBe(
      "pub fn number() -> u32 { 42 }\ntrue\nconfig.toml\ncrates\nmore\n",
    );
  });

  it("does not run a build whose image is none", () => {
    const run = runInput(encodeBuild({}, { command: "true" }, 4096), "small", undefined, new Uint8Array(4096).fill(1));
    expect(run.exitCode).toBe(257);
    expect(run.console).toMatch(/mounting .* on .*dependencies/);
  });
});
