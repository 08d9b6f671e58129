import { base64, hex } from "@scure/base";
import { z } from "zod";
import { checkValue, parseJson } from "../core/json.ts";
import { hashOf } from "./digest.ts";
import type { Ecosystem, Layer } from "./ecosystem.ts";
import { titleOf, type Wanted } from "./entry.ts";
import { badLock } from "./errors.ts";
import { mostEntries } from "./limits.ts";
import { unpackNar } from "./nar.ts";
import { lastUnpacked } from "./unpack.ts";

const storePath = /^\/nix\/store\/([0-9a-df-np-sv-z]{32})-([A-Za-z0-9+._?=-]{1,211})$/;
const facts = z.object({ narHash: z.string().max(100) });
const schema = z.union([
  z.array(facts.extend({ path: z.string().max(300) })).max(mostEntries),
  z
    .record(z.string().max(300), facts)
    .transform((all) => Object.entries(all).map(([path, each]) => ({ path, ...each }))),
]);

/** Nix: a closure as `nix path-info --json --recursive` tells it, of which every path is where it belongs, in `/nix/store`. */
export const nix: Ecosystem = {
  kind: "nix",
  lockFiles: ["nix-closure.json"],
  parse(text, path) {
    const refuse = (why: string, cause?: unknown) => badLock(path, why, cause);
    return checkValue(parseJson(text, refuse), schema, refuse).map((each): Wanted => {
      const [, version, name] = storePath.exec(each.path) ?? [];
      if (version === undefined) throw refuse(`${JSON.stringify(each.path)} is not a path of the Nix store`);
      const digest = narHash(each.narHash);
      if (digest === undefined) throw refuse(`${each.path} has no sha256, but ${JSON.stringify(each.narHash)}`);
      return { kind: "nix", name: name!, version, digests: [{ algorithm: "sha256", digest }] };
    });
  },
  async digestOf(bytes) {
    return await hashOf("SHA-256", bytes);
  },
  layer: storePaths,
  variables: {},
};

/** In hexadecimal, of what Nix writes: `sha256-` and base64, or `sha256:` and hexadecimal or its own base 32. */
export function narHash(text: string): string | undefined {
  const [, encoded, digits] = /^sha256(?:-([A-Za-z0-9+/]{43}=)|:([0-9a-z]{52}|[0-9a-f]{64}))$/.exec(text) ?? [];
  if (encoded !== undefined) return hex.encode(base64.decode(encoded));
  return digits?.length === 52 ? fromNix32(digits) : digits;
}

const alphabet = "0123456789abcdfghijklmnpqrsvwxyz";

/** Nix's base 32: the last digit has the lowest bits. */
function fromNix32(text: string): string | undefined {
  const bytes = new Uint8Array(33);
  for (const [n, digit] of [...text].reverse().entries()) {
    const value = alphabet.indexOf(digit);
    if (value === -1) return undefined;
    const at = Math.floor((n * 5) / 8);
    const bits = value << ((n * 5) % 8);
    bytes[at]! |= bits & 0xff;
    bytes[at + 1]! |= bits >> 8;
  }
  return bytes[32] === 0 ? hex.encode(bytes.subarray(0, 32)) : undefined;
}

function storePaths(): Layer {
  const again = lastUnpacked();
  return {
    async add({ entry, bytes, content }) {
      const own = `${entry.version}-${entry.name}`;
      return [...unpackNar(titleOf(entry), bytes)].map(([path, { kind, content: here }]) => ({
        path: `nix/store/${own}${path === "" ? "" : `/${path}`}`,
        kind,
        content:
          kind === "symlink" || kind === "directory"
            ? here.slice()
            : {
                size: here.length,
                read: async () => {
                  const unpack = async () =>
                    unpackNar(titleOf(entry), content instanceof Uint8Array ? content : await content.read());
                  return (await again(own, unpack)).get(path)!.content;
                },
              },
      }));
    },
    finish: async () => [],
  };
}
