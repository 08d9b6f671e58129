import { type AbstractSigner, isHexString } from "ethers";
import { AssayError } from "../../core/errors.ts";
import { RemoteSigner, type RemoteSignerOptions } from "../remoteSigner.ts";
import { addressOfKey, type KeySource, loadKey } from "./keys.ts";

/** A key on this machine, or a process that signs with one. */
export interface AccountSource extends KeySource {
  readonly remote?: RemoteSignerOptions | undefined;
  /** Name of the environment variable that holds the secret of claim salts, where the signer is remote. */
  readonly saltVariable?: string | undefined;
}

/** An account that signs here. */
export interface LoadedAccount {
  readonly signer: AbstractSigner;
  /**
   * 32 bytes in hexadecimal from which the salts of claims are derived: the private key itself where it is here. Undefined with a
   * remote signer, if no variable holds one: then a daemon keeps it in its state directory.
   */
  readonly saltSecret: string | undefined;
}

/**
 * Loads the account of a keystore, of the environment (`ASSAY_KEY`), or of a remote signer.
 * @throws AssayError `chain/bad-key`, `chain/key-permissions`; no message or detail ever holds a secret.
 */
export async function loadAccount(source: AccountSource, environment: NodeJS.ProcessEnv): Promise<LoadedAccount> {
  if (source.remote === undefined) {
    const signer = await loadKey(source, environment);
    return { signer, saltSecret: signer.privateKey };
  }
  const { saltVariable } = source;
  const saltSecret = saltVariable === undefined ? undefined : takeSecret(saltVariable, environment);
  return { signer: new RemoteSigner(source.remote), saltSecret };
}

/** The address of an account, without a password where that is possible. @throws as `loadAccount` */
export async function addressOf(source: AccountSource, environment: NodeJS.ProcessEnv): Promise<string> {
  return source.remote?.address ?? (await addressOfKey(source, environment));
}

function takeSecret(variable: string, environment: NodeJS.ProcessEnv): string {
  const text = environment[variable]?.trim();
  delete environment[variable];
  if (isHexString(text, 32)) return text;
  throw new AssayError(
    "chain/bad-key",
    `${variable} does not hold the secret of the salts: 0x and 64 hexadecimal digits`,
  );
}
