import type { Command } from "commander";
import { makeSigningKey, readKeyId } from "../../attestation/node/signingKey.ts";
import { readPassword } from "../../chain/node/keys.ts";
import { AssayError } from "../../core/errors.ts";
import { writeNewKey } from "../newKeyFile.ts";
import { createOutput, table } from "../output.ts";
import { defineRevoke, defineRotate } from "./keyChange.ts";

interface NewOptions {
  readonly keystore?: string;
  readonly signing?: string;
  readonly passwordFile?: string;
  readonly json: boolean;
}

/** Keys of accounts, for machines that have no other program to make one, and keys that sign results. */
export function defineKey(key: Command): void {
  key
    .command("new")
    .description("make a new key, write it to an encrypted file, print its address or public key")
    .option("--keystore <file>", "an account's key: keystore to write; one that is there is never written over")
    .option("--signing <file>", "a key that signs results: file to write; one that is there is never written over")
    .option("--password-file <file>", "file that holds its password on its first line (default: ASSAY_PASSWORD)")
    .option("--json", "print as JSON", false)
    .addHelpText(
      "after",
      `
A keystore is a Web3 keystore, as other programs have them. Either file is readable by its owner alone. Losing it or its password is
losing the account, or the name under which results are signed: keep a copy of both.

Examples:
  (umask 077; openssl rand -hex 24 > password)
  assay key new --keystore key.json --password-file password
  assay key new --signing signing.json --password-file password`,
    )
    .action(make);
  key
    .command("show")
    .description("print the public key of a signing key's file, for others' policies; needs no password")
    .argument("<file>", "file that `assay key new --signing` has written")
    .option("--json", "print as JSON", false)
    .addHelpText("after", "\nExamples:\n  assay key show signing.json")
    .action(show);
  defineRotate(key);
  defineRevoke(key);
  for (const command of key.commands) command.exitOverride();
}

async function make({ keystore, signing, passwordFile, json }: NewOptions): Promise<void> {
  const file = keystore ?? signing;
  if (file === undefined || (keystore !== undefined && signing !== undefined)) {
    throw new AssayError("cli/bad-argument", "name either --keystore or --signing");
  }
  const password = await readPassword({ keystore: file, passwordFile }, process.env);
  if (password === "") {
    throw new AssayError("cli/bad-argument", "the password is empty: anybody could open the file");
  }
  if (signing !== undefined) {
    const { keyId, text } = await makeSigningKey(password);
    await writeNewKey(file, text);
    createOutput(json).data({ keyId, file }, () =>
      table([
        ["key", keyId],
        ["file", file],
      ]),
    );
    return;
  }
  const { Wallet } = await import("ethers");
  const { privateKey, address } = Wallet.createRandom();
  await writeNewKey(file, `${await new Wallet(privateKey).encrypt(password)}\n`);
  createOutput(json).data({ address, keystore }, () =>
    table([
      ["address", address],
      ["keystore", file],
    ]),
  );
}

async function show(file: string, { json }: { readonly json: boolean }): Promise<void> {
  const keyId = await readKeyId(file);
  createOutput(json).data({ keyId, file }, () => [keyId]);
}
