import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encryptKeystoreJsonSync, Wallet } from "ethers";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { addressOf } from "../../src/chain/node/account.ts";
import { loadKey } from "../../src/chain/node/keys.ts";

const secret = `0x${"5e".repeat(32)}`;
const { address } = new Wallet(secret);
const encrypted = encryptKeystoreJsonSync({ address, privateKey: secret }, "open sesame", {
  scrypt: { N: 2, r: 8, p: 1 },
});
let folder: string;
let keystore: string;
let passwordFile: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "assay-keys-"));
  keystore = join(folder, "key.json");
  passwordFile = join(folder, "password");
  await writeFile(keystore, encrypted, { mode: 0o600 });
  await writeFile(passwordFile, "open sesame\n", { mode: 0o600 });
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe("the address of an account", () => {
  it("is read from a keystore without its password, from a remote signer's configuration, or from the key", async () => {
    expect(await addressOf({ keystore }, {})).toBe(address);
    const other = `0x${"cd".repeat(20)}`;
    const remote = {
      url: "http://127.0.0.1:1",
      address: other,
      method: "eth_signTransaction",
      timeoutSeconds: 1,
    } as const;
    expect(await addressOf({ remote }, {})).toBe(other);
    expect(await addressOf({}, { ASSAY_KEY: secret })).toBe(address);
    await expect(addressOf({}, {})).rejects.toMatchObject({ code: "chain/bad-key" });
  });
});

describe("loading a key (attack 36)", () => {
  it("takes it from a variable and removes the variable", async () => {
    const environment = { ASSAY_KEY: secret, HOME: "/" };
    expect((await loadKey({}, environment)).address).toBe(address);
    expect(environment).toEqual({ HOME: "/" });
  });

  it("takes it from a keystore with the password in a file", async () => {
    expect((await loadKey({ keystore, passwordFile }, {})).address).toBe(address);
  });

  it("takes it from a keystore with the password in a variable, and removes the variable", async () => {
    const environment = { SESAME: "open sesame" };
    expect((await loadKey({ keystore, passwordVariable: "SESAME" }, environment)).address).toBe(address);
    expect(environment).toEqual({});
  });

  it.each([0o640, 0o604, 0o620])("refuses a keystore with the permissions %o", async (mode) => {
    await chmod(keystore, mode);
    await expect(loadKey({ keystore, passwordFile }, {})).rejects.toMatchObject({ code: "chain/key-permissions" });
  });

  it("refuses a password file that others can read", async () => {
    await chmod(passwordFile, 0o644);
    await expect(loadKey({ keystore, passwordFile }, {})).rejects.toMatchObject({
      code: "chain/key-permissions",
      details: { file: passwordFile },
    });
  });

  it.each([
    ["no key at all", {}, {}],
    ["a variable that holds no key", {}, { ASSAY_KEY: "0x5e5e5e5e-not-a-key" }],
    ["a missing keystore", { keystore: "/nonexistent/key.json" }, { ASSAY_PASSWORD: "x" }],
  ])("says what to do about %s, without the secret", async (_, source, environment) => {
    const error = await loadKey(source, environment).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "chain/bad-key" });
    expect(JSON.stringify(error) + String(error)).not.toContain("5e5e");
  });

  it("refuses a wrong password without repeating it", async () => {
    const error = await loadKey({ keystore }, { ASSAY_PASSWORD: "abracadabra" }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "chain/bad-key" });
    expect(String(error)).not.toContain("abracadabra");
  });
});
