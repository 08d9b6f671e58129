import type { Wallet } from "ethers";
import { getAddress } from "ethers/address";
import { AssayError } from "../../core/errors.ts";
import { readSecretFile } from "../../core/node/secretFile.ts";
import type { ChainErrorCode } from "../errors.ts";

/** Where a key comes from: never from arguments, which every user of the machine can read. */
export interface KeySource {
  /** An encrypted keystore file (Web3 secret storage). */
  readonly keystore?: string | undefined;
  /** A file that holds the keystore's password on its first line. */
  readonly passwordFile?: string | undefined;
  /** Name of the environment variable that holds the keystore's password. */
  readonly passwordVariable?: string | undefined;
  /** Name of the environment variable that holds the private key itself, when there is no keystore. */
  readonly keyVariable?: string | undefined;
}

/**
 * Loads a key. The variables are removed from `environment`, so that child processes and crash reports do not hold them.
 * @throws AssayError `chain/bad-key`, `chain/key-permissions`; no message or detail ever holds the secret.
 */
export async function loadKey(source: KeySource, environment: NodeJS.ProcessEnv): Promise<Wallet> {
  if (source.keystore === undefined) return await keyFromVariable(source.keyVariable ?? "ASSAY_KEY", environment);
  const json = await readSecret(source.keystore, "keystore");
  const password = await readPassword(source, environment);
  const { Wallet } = await import("ethers");
  try {
    const wallet = await Wallet.fromEncryptedJson(json, password);
    return new Wallet(wallet.privateKey);
  } catch {
    throw badKey(`${source.keystore} is not a keystore file, or the password is not its password`);
  }
}

/**
 * The address of a key. A keystore says it without its password; from a variable the key is read, and removed from `environment`.
 * @throws AssayError `chain/bad-key`, `chain/key-permissions`
 */
export async function addressOfKey(source: KeySource, environment: NodeJS.ProcessEnv): Promise<string> {
  if (source.keystore === undefined) return (await loadKey(source, environment)).address;
  const told = addressIn(await readSecret(source.keystore, "keystore"));
  return told ?? (await loadKey(source, environment)).address;
}

function addressIn(keystore: string): string | undefined {
  try {
    const { address } = JSON.parse(keystore) as { address?: unknown };
    return typeof address === "string" ? getAddress(address.startsWith("0x") ? address : `0x${address}`) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The password of a keystore: the file's first line, else the variable, which is removed from `environment`.
 * @throws AssayError `chain/bad-key`, `chain/key-permissions`
 */
export async function readPassword(source: KeySource, environment: NodeJS.ProcessEnv): Promise<string> {
  if (source.passwordFile !== undefined) {
    return (await readSecret(source.passwordFile, "password file")).split(/\r?\n/, 1)[0]!;
  }
  const variable = source.passwordVariable ?? "ASSAY_PASSWORD";
  const password = environment[variable];
  delete environment[variable];
  if (password === undefined)
    throw badKey(`no password for ${source.keystore}: set ${variable} or name a password file`);
  return password;
}

async function keyFromVariable(variable: string, environment: NodeJS.ProcessEnv): Promise<Wallet> {
  const text = environment[variable]?.trim();
  delete environment[variable];
  if (text === undefined || text === "")
    throw badKey(`no key: name a keystore in the configuration or set ${variable}`);
  // Commands that ask for a password alone start without all that the library has.
  const { Wallet } = await import("ethers");
  try {
    return new Wallet(text);
  } catch {
    throw badKey(`${variable} does not hold a private key (64 hexadecimal digits)`);
  }
}

async function readSecret(file: string, what: string): Promise<string> {
  return await readSecretFile(file, what, (fault) => {
    if (fault.kind === "unreadable") {
      return new AssayError("chain/bad-key", fault.message, { file }, { cause: fault.cause });
    }
    return new AssayError("chain/key-permissions", fault.message, { file, mode: fault.mode });
  });
}

function badKey(message: string): AssayError<ChainErrorCode> {
  return new AssayError("chain/bad-key", message);
}
