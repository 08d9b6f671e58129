import { chmod, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { pathOf } from "../../src/attestation/board.ts";
import { parseBundle } from "../../src/attestation/bundle.ts";
import { isInForce, keyStatementsIn, type Revocation } from "../../src/attestation/keyStatement.ts";
import type { KeyId } from "../../src/attestation/keys.ts";
import { topicOfKey } from "../../src/attestation/topics.ts";
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
  const key = async (...args: string[]) => await runAssay(["key", ...args], { folder, environment });
  const json = async (...args: string[]) => JSON.parse((await key(...args, "--json")).stdout);
  const about = async (file: string, keyId: string) =>
    keyStatementsIn(parseBundle(await readFile(join(folder, file), "utf8")).envelopes, keyId as KeyId);

  it.each([0o640, 0o604, 0o620])("is refused with the permissions %o: status 2, as a keystore is", async (mode) => {
    await key("new", "--signing", "signing.json");
    await chmod(join(folder, "signing.json"), mode);
    for (const args of [
      ["show", "signing.json"],
      ["revoke", "signing.json", "--bundle", "revoked"],
      ["rotate", "signing.json", "--to", "new.json", "--bundle", "rotation"],
    ]) {
      const { status, stderr } = await key(...args);
      expect(stderr).toBe(
        "assay: others may read or write the signing key signing.json: run chmod 600 on it [attestation/key-permissions]\n",
      );
      expect(status).toBe(2);
    }
    await expect(stat(join(folder, "new.json"))).rejects.toMatchObject({ code: "ENOENT" });
  });

  it("is rotated: a new key, and a statement of both", async () => {
    const { keyId } = await json("new", "--signing", "signing.json");
    const made = await json(
      "rotate",
      "signing.json",
      "--to",
      "new.json",
      "--bundle",
      "rotation.jsonl",
      "--publish",
      ".",
    );
    expect(made.key).toBe(keyId);
    expect((await json("show", "new.json")).keyId).toBe(made.newKey);
    for (const file of ["signing.json", "new.json"]) {
      const { scrypt } = JSON.parse(await readFile(join(folder, file), "utf8"));
      expect(scrypt, "128 MiB for each guess").toMatchObject({ n: 2 ** 17, r: 8, p: 1 });
    }
    expect((await stat(join(folder, "new.json"))).mode & 0o777).toBe(0o600);
    expect(await about("rotation.jsonl", keyId)).toMatchObject([{ kind: "rotation", newKey: made.newKey }]);
    expect(await about(pathOf(topicOfKey(keyId)), keyId)).toHaveLength(1);
    const again = await key("rotate", "signing.json", "--to", "new.json", "--bundle", "again.jsonl");
    expect(again.status).toBe(2);
    expect(again.stderr).toContain("new.json is there already");
    await expect(stat(join(folder, "again.jsonl"))).rejects.toMatchObject({ code: "ENOENT" });
  });

  it("is revoked, at once or from a time on", async () => {
    const { keyId } = await json("new", "--signing", "signing.json");
    await key("revoke", "signing.json", "--bundle", "now.jsonl", "--reason", "compromised");
    const [now] = await about("now.jsonl", keyId);
    expect(now).toMatchObject({ kind: "revocation", reason: "compromised" });
    expect(isInForce(now as Revocation, 0)).toBe(true);
    const from = "2999-01-31T00:00:00Z";
    await key("revoke", "signing.json", "--bundle", "later.jsonl", "--from", from);
    const [later] = await about("later.jsonl", keyId);
    expect(later).toMatchObject({ reason: "retired", from: Date.parse(from) / 1000 });
    expect(isInForce(later as Revocation, Date.now() / 1000)).toBe(false);
  });

  it.each([
    ["no place to write it to", ["revoke", "signing.json"], "say where it goes"],
    [
      "a time that is none",
      ["revoke", "signing.json", "--bundle", "b", "--from", "tomorrow"],
      "expected a time of UTC",
    ],
    ["a reason of one's own", ["revoke", "signing.json", "--bundle", "b", "--reason", "bored"], "compromised"],
  ])("is not revoked with %s: status 2", async (_, args, message) => {
    const { status, stderr } = await key(...args);
    expect(stderr).toContain(message);
    expect(status).toBe(2);
  });
});
