import { chmod, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { addressOfKey, loadKey } from "../../src/chain/node/keys.ts";
import { runAssay } from "../support/spawned.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "assay-key-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const make = async (args: readonly string[] = [], environment: Readonly<Record<string, string>> = {}) =>
  await runAssay(["key", "new", "--keystore", "key.json", ...args], { folder, environment });

describe("assay key new", () => {
  it("makes a keystore that its owner alone can read, and prints its address", async () => {
    await writeFile(join(folder, "password"), "open sesame\n", { mode: 0o600 });
    const { status, stdout, stderr } = await make(["--password-file", "password", "--json"]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    const { address } = JSON.parse(stdout) as { address: string };
    const keystore = join(folder, "key.json");
    expect((await stat(keystore)).mode & 0o777).toBe(0o600);
    expect(await addressOfKey({ keystore }, {})).toBe(address);
    const { address: opened, privateKey } = await loadKey({ keystore }, { ASSAY_PASSWORD: "open sesame" });
    expect(opened).toBe(address);
    expect(await readFile(keystore, "utf8")).not.toContain(privateKey.slice(2));
  });

  it("never writes over a file", async () => {
    await writeFile(join(folder, "key.json"), "a key");
    const { status, stdout, stderr } = await make([], { ASSAY_PASSWORD: "x" });
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toBe(
      "assay: key.json is there already, and may be all that holds a key: name another file [cli/refused]\n",
    );
    expect(await readFile(join(folder, "key.json"), "utf8")).toBe("a key");
  });

  it.each([
    ["no password", {}, "no password for key.json: set ASSAY_PASSWORD or name a password file"],
    ["an empty password", { ASSAY_PASSWORD: "" }, "the password is empty"],
  ])("refuses %s: status 2", async (_, environment, message) => {
    const { status, stderr } = await make([], environment);
    expect(stderr).toContain(message);
    expect(status).toBe(2);
    await expect(stat(join(folder, "key.json"))).rejects.toMatchObject({ code: "ENOENT" });
  });
});

describe("a signing key", () => {
  const environment = { ASSAY_PASSWORD: "open sesame" };
  const assay = async (...args: string[]) => await runAssay(args, { folder, environment });

  it.each([0o640, 0o604, 0o620])("is refused with the permissions %o: status 2, as a keystore is", async (mode) => {
    await assay("key", "new", "--signing", "signing.json");
    await chmod(join(folder, "signing.json"), mode);
    await writeFile(join(folder, "README"), "a project\n");
    for (const args of [
      ["key", "show", "signing.json"],
      ["attest", "make", ".", "--key", "signing.json"],
    ]) {
      const { status, stderr } = await assay(...args);
      expect(stderr).toBe(
        "assay: others may read or write the signing key signing.json: run chmod 600 on it [attestation/key-permissions]\n",
      );
      expect(status).toBe(2);
    }
  });
});
