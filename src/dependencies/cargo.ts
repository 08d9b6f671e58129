import { parseCargoLock } from "../packages/cargoLock.ts";
import { hashOf } from "./digest.ts";
import { type Ecosystem, type Layer, layerFolder } from "./ecosystem.ts";
import { titleOf } from "./entry.ts";
import { badArchive, badLock } from "./errors.ts";
import { lastUnpacked, unpackTarball } from "./unpack.ts";

const folder = `${layerFolder}/cargo`;
const utf8 = new TextEncoder();
/** How locks name crates.io, by either of its protocols. */
const cratesIo =
  /^(registry\+https:\/\/github\.com\/rust-lang\/crates\.io-index|sparse\+https:\/\/index\.crates\.io\/)$/;

/** Cargo: a directory source as `cargo vendor` makes it, in the place of crates.io. */
export const cargo: Ecosystem = {
  kind: "cargo",
  lockFiles: ["Cargo.lock"],
  parse(text, path) {
    return parseCargoLock(text, path).map(({ name, version, digest, from, why }) => {
      const refuse = (fact: string) => badLock(path, `${name} ${version} cannot be taken: ${fact}`);
      if (digest === undefined) throw refuse(why ?? "it has no digest");
      if (!cratesIo.test(from ?? "")) throw refuse(`it is from ${from}, and not from crates.io`);
      if (!isCrate(name, version)) throw refuse("a crate is not named so");
      return { kind: "cargo", name, version, digests: [digest] };
    });
  },
  async digestOf(bytes) {
    return await hashOf("SHA-256", bytes);
  },
  layer: vendoredCrates,
  variables: { CARGO_HOME: `/${folder}`, CARGO_NET_OFFLINE: "true" },
};

function isCrate(name: string, version: string): boolean {
  return /^[A-Za-z0-9_-]{1,64}$/.test(name) && /^\d+\.\d+\.\d+[0-9A-Za-z.+-]{0,100}$/.test(version);
}

/** Cargo takes what a directory holds, and the archive's checksum from a file beside it, which it compares with the lock. */
function vendoredCrates(): Layer {
  const again = lastUnpacked();
  return {
    async add({ entry, bytes, content }) {
      const own = `${entry.name}-${entry.version}`;
      const unpack = async (archive: Uint8Array) => await unpackTarball(titleOf(entry), archive, own);
      const files = await unpack(bytes);
      const checksum = ".cargo-checksum.json";
      if (files.has(checksum)) throw badArchive(titleOf(entry), `holds ${checksum}, which vendored crates get`);
      const place = `${folder}/crates/${own}`;
      return [
        ...[...files].map(([name, file]) => ({
          path: `${place}/${name}`,
          kind: file.kind,
          content: {
            size: file.content.length,
            read: async () => {
              const all = await again(own, async () =>
                unpack(content instanceof Uint8Array ? content : await content.read()),
              );
              return all.get(name)!.content;
            },
          },
        })),
        {
          path: `${place}/${checksum}`,
          kind: "file",
          content: utf8.encode(JSON.stringify({ files: {}, package: entry.sha256 })),
        },
      ];
    },
    async finish() {
      // Relative to the folder that CARGO_HOME is in.
      const config =
        '[source.crates-io]\nreplace-with = "locked"\n\n[source.locked]\ndirectory = "cargo/crates"\n\n[net]\noffline = true\n';
      return [{ path: `${folder}/config.toml`, kind: "file", content: utf8.encode(config) }];
    },
  };
}
