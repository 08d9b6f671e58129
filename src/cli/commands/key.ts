import { writeFile } from "node:fs/promises";
import type { Command } from "commander";
import { Wallet } from "ethers";
import { readPassword } from "../../chain/node/keys.ts";
import { AssayError } from "../../core/errors.ts";
import { diskError } from "../../store/node/atomicFile.ts";
import type { CliErrorCode } from "../errors.ts";
import { createOutput, table } from "../output.ts";

interface NewOptions {
  readonly keystore: string;
  readonly passwordFile?: string;
  readonly json: boolean;
}

/** Keys of accounts, for machines that have no other program to make one. */
export function defineKey(key: Command): void {
  key
    .command("new")
    .description("make a new key, write it to an encrypted keystore, print its address")
    .requiredOption("--keystore <file>", "file to write; one that is there is never written over")
    .option("--password-file <file>", "file that holds its password on its first line (default: ASSAY_PASSWORD)")
    .option("--json", "print as JSON", false)
    .addHelpText(
      "after",
      `
The file is a Web3 keystore, as other programs have them, and readable by its owner alone. Who loses it or its password loses the
account: keep a copy of both.

Examples:
  (umask 077; openssl rand -hex 24 > password)
  assay key new --keystore key.json --password-file password`,
    )
    .action(make);
  for (const command of key.commands) command.exitOverride();
}

async function make({ keystore, passwordFile, json }: NewOptions): Promise<void> {
  const password = await readPassword({ keystore, passwordFile }, process.env);
  if (password === "") {
    throw new AssayError<CliErrorCode>("cli/bad-argument", "the password is empty: anybody could open the keystore");
  }
  const { privateKey, address } = Wallet.createRandom();
  const text = await new Wallet(privateKey).encrypt(password);
  try {
    await writeFile(keystore, `${text}\n`, { flag: "wx", mode: 0o600, flush: true });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "EEXIST") throw diskError(cause, "write", keystore);
    const message = `${keystore} is there already, and may be all that holds a key: name another file`;
    throw new AssayError<CliErrorCode>("cli/refused", message, { file: keystore }, { cause });
  }
  createOutput(json).data({ address, keystore }, () =>
    table([
      ["address", address],
      ["keystore", keystore],
    ]),
  );
}
