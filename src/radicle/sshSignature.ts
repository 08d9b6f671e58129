import { fromBase64 } from "../attestation/base64.ts";
import { type KeyId, keyIdOf, parseKeyId } from "../attestation/keys.ts";

/** A signature as git keeps it in a commit's header (OpenSSH PROTOCOL.sshsig), and whose it claims to be. */
export interface SshSignature {
  readonly key: KeyId;
  /** 64 bytes. */
  readonly signature: Uint8Array;
}

/** Characters of one; the rest of such a text is nothing that Ed25519 needs. */
const mostCharacters = 4096;
const algorithm = "ssh-ed25519";

/**
 * Reads an armored signature. Namespace and hash are passed over, as heartwood does: what is signed is the tree's id itself.
 * @returns undefined where it is none of Ed25519.
 */
export function parseSshSignature(text: string): SshSignature | undefined {
  const armored = /^-----BEGIN SSH SIGNATURE-----\n([A-Za-z0-9+/=\n]+)\n-----END SSH SIGNATURE-----\n?$/.exec(text);
  if (armored === null || text.length > mostCharacters) return undefined;
  try {
    return read(new SshReader(fromBase64(armored[1]!.replaceAll("\n", ""), "signature")));
  } catch {
    return undefined;
  }
}

function read(reader: SshReader): SshSignature | undefined {
  if (reader.text(6) !== "SSHSIG" || reader.uint32() !== 1) return undefined;
  const publicKey = new SshReader(reader.string());
  reader.string();
  reader.string();
  reader.string();
  const value = new SshReader(reader.string());
  if (!reader.isAtEnd || publicKey.name() !== algorithm || value.name() !== algorithm) return undefined;
  const [key, signature] = [publicKey.string(), value.string()];
  if (!publicKey.isAtEnd || !value.isAtEnd || key.length !== 32 || signature.length !== 64) return undefined;
  return { key: parseKeyId(keyIdOf(key)), signature };
}

/** Reads the parts of SSH's wire format; numbers behind the end throw a RangeError. */
class SshReader {
  private at = 0;

  constructor(private readonly bytes: Uint8Array) {}

  get isAtEnd(): boolean {
    return this.at === this.bytes.length;
  }

  uint32(): number {
    const value = new DataView(this.bytes.buffer, this.bytes.byteOffset, this.bytes.length).getUint32(this.at);
    this.at += 4;
    return value;
  }

  string(): Uint8Array {
    return this.take(this.uint32());
  }

  name(): string {
    return new TextDecoder("latin1").decode(this.string());
  }

  text(length: number): string {
    return new TextDecoder("latin1").decode(this.take(length));
  }

  /** Short, and the end passed, where there is less. */
  private take(length: number): Uint8Array {
    const from = this.at;
    this.at += length;
    return this.bytes.slice(from, this.at);
  }
}
