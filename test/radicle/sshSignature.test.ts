import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { publicKeyOf } from "../../src/attestation/keys.ts";
import { parseSshSignature } from "../../src/radicle/sshSignature.ts";
import { type Person, people, sshSignature } from "../support/radicleStorage.ts";

const folder = mkdtempSync(join(tmpdir(), "assay-ssh-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const [alice] = people as [Person];
const signature = alice.sign(Buffer.from("text"));
const armored = sshSignature(alice.publicKey, signature);
/** The same with other bytes inside. */
function changed(change: (bytes: Buffer) => Uint8Array): string {
  const bytes = Buffer.from(armored.split("\n").slice(1, -1).join(""), "base64");
  const lines = Buffer.from(change(bytes))
    .toString("base64")
    .match(/.{1,70}/g);
  return `-----BEGIN SSH SIGNATURE-----\n${(lines ?? []).join("\n")}\n-----END SSH SIGNATURE-----`;
}

describe("a signature by SSH", () => {
  it("is read with its key", () => {
    expect(parseSshSignature(armored)).toEqual({ key: alice.key, signature });
    expect(parseSshSignature(`${armored}\n`)).toEqual({ key: alice.key, signature });
  });

  it.runIf(existsSync("/usr/bin/ssh-keygen"))("is read as ssh-keygen writes it", () => {
    const key = join(folder, "key");
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "", "-f", key]);
    writeFileSync(join(folder, "text"), "text");
    execFileSync("ssh-keygen", ["-q", "-Y", "sign", "-n", "radicle", "-f", key, join(folder, "text")], {
      stdio: "pipe",
    });
    const read = parseSshSignature(readFileSync(join(folder, "text.sig"), "utf8"))!;
    const wire = Buffer.from(readFileSync(`${key}.pub`, "utf8").split(" ")[1]!, "base64");
    expect(Buffer.from(publicKeyOf(read.key))).toEqual(wire.subarray(-32));
    expect(read.signature).toHaveLength(64);
  });

  it("is none where anything is missing, more, or of another kind", () => {
    const length = Buffer.from(armored.split("\n").slice(1, -1).join(""), "base64").length;
    for (let end = 0; end < length; end++)
      expect(parseSshSignature(changed((bytes) => bytes.subarray(0, end)))).toBeUndefined();
    expect(parseSshSignature(changed((bytes) => Buffer.concat([bytes, Buffer.alloc(1)])))).toBeUndefined();
    expect(
      parseSshSignature(
        changed((bytes) => Buffer.from(bytes.toString("latin1").replaceAll("ssh-ed25519", "ssh-rsaxxxx"), "latin1")),
      ),
    ).toBeUndefined();
    for (const text of [
      "",
      armored.replace("SSH", "PGP"),
      `${armored}x`,
      armored.replace("U1NI", "U1N!"),
      armored.repeat(100),
    ]) {
      expect(parseSshSignature(text)).toBeUndefined();
    }
  });

  it("is another one, or none, with any bit changed but those of what is passed over", () => {
    const length = Buffer.from(armored.split("\n").slice(1, -1).join(""), "base64").length;
    // Namespace, what is reserved, and the name of the hash.
    const passedOver = { from: 6 + 4 + 4 + 51, to: length - 4 - 83 };
    for (let bit = 0; bit < 8 * length; bit++) {
      const read = parseSshSignature(
        changed((bytes) => {
          bytes[bit >> 3]! ^= 1 << (bit & 7);
          return bytes;
        }),
      );
      const isSame = read?.key === alice.key && Buffer.from(read.signature).equals(signature);
      if (isSame) expect([bit >> 3 >= passedOver.from, bit >> 3 < passedOver.to]).toEqual([true, true]);
    }
  });
});
