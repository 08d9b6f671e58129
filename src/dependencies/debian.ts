import { z } from "zod";
import { checkValue, parseJson } from "../core/json.ts";
import { hashOf } from "./digest.ts";
import { type Ecosystem, layerFolder } from "./ecosystem.ts";
import type { Wanted } from "./entry.ts";
import { badLock } from "./errors.ts";
import { mostEntries } from "./limits.ts";

export const debianMirror = "https://deb.debian.org/debian/";

const version = z.string().regex(/^[A-Za-z0-9.:+~-]{1,200}$/, "is no version");
const packages = z
  .array(
    z.object({
      version,
      path: z
        .string()
        .regex(/^pool\/(?!.*\.\.)[A-Za-z0-9/._+~-]+\/[A-Za-z0-9][A-Za-z0-9._+~-]*\.deb$/, "is no package's path"),
      sha256: z.string().regex(/^[0-9a-f]{64}$/, "is no sha256"),
    }),
  )
  .max(mostEntries);
const schema = z.union([
  packages.transform((debian) => ({ debian, snapshot: undefined })),
  z.object({
    debian: packages,
    snapshot: z
      .string()
      .regex(/^[0-9]{8}T[0-9]{6}Z$/, "is not a time of Debian's snapshot archive")
      .optional(),
  }),
]);

/**
 * Debian packages as they are, for `dpkg`: a list of `{path, version, sha256}`, paths as in a mirror, or a lock of an environment, which
 * has such a list. Of a version that mirrors have no more the snapshot archive is asked, if the lock says of which time.
 */
export const debian: Ecosystem = {
  kind: "debian",
  lockFiles: ["debian-packages.json"],
  parse(text, path) {
    const refuse = (why: string, cause?: unknown) => badLock(path, why, cause);
    const { debian: listed, snapshot } = checkValue(parseJson(text, refuse), schema, refuse);
    return listed.map((each): Wanted => {
      const file = each.path.slice(each.path.lastIndexOf("/") + 1);
      const places = [debianMirror, ...(snapshot ? [`https://snapshot.debian.org/archive/debian/${snapshot}/`] : [])];
      return {
        ...{ kind: "debian", name: file.slice(0, file.search(/_|\.deb$/)), version: each.version, file },
        digests: [{ algorithm: "sha256", digest: each.sha256 }],
        from: places.map((place) => `${place}${each.path}`),
      };
    });
  },
  async digestOf(bytes) {
    return await hashOf("SHA-256", bytes);
  },
  layer: () => ({
    async add({ entry, content }) {
      return [{ path: `${layerFolder}/debian/${entry.file}`, kind: "file", content }];
    },
    finish: async () => [],
  }),
  variables: {},
};
