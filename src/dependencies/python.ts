import type { Digest } from "./digest.ts";
import { hashOf } from "./digest.ts";
import { type Ecosystem, layerFolder } from "./ecosystem.ts";
import type { Wanted } from "./entry.ts";
import { badArchive, badLock } from "./errors.ts";
import { mostEntries } from "./limits.ts";
import { quoted } from "./unpack.ts";

const folder = `${layerFolder}/python`;
const requirement =
  /^([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*(?:\[[A-Za-z0-9._, -]*\])?\s*==\s*([A-Za-z0-9.!+_]+)\s*(;.*)?$/;
/** They say where files are to be had, which their hashes make no matter, or which of them to take. */
const passedOver =
  /^(-i|--(index-url|extra-index-url|trusted-host|only-binary|prefer-binary|require-hashes|no-index))([ =]|$)/;

/** Python: a folder of wheels and source archives, for `pip install`. */
export const python: Ecosystem = {
  kind: "python",
  lockFiles: ["requirements.txt"],
  parse: parseRequirements,
  async digestOf(bytes) {
    return await hashOf("SHA-256", bytes);
  },
  layer: () => ({
    async add({ entry, content }) {
      const { file } = entry;
      if (file === undefined || !isDistribution(file))
        throw badArchive(`python ${entry.name}`, "has no name of a file");
      return [{ path: `${folder}/${file}`, kind: "file", content }];
    },
    finish: async () => [],
  }),
  variables: { PIP_NO_INDEX: "1", PIP_FIND_LINKS: `/${folder}`, PIP_DISABLE_PIP_VERSION_CHECK: "1" },
};

/** The lines of a file as pip-compile, uv and Poetry write them: `name==version` with at least one sha256 each. */
function parseRequirements(text: string, path: string): Wanted[] {
  const wanted = new Map<string, Wanted>();
  for (const line of text.replace(/\\\r?\n/g, " ").split(/\r?\n/)) {
    const own = line.replace(/(^|\s)#.*$/, "").trim();
    if (own === "" || passedOver.test(own)) continue;
    const [before = "", ...hashes] = own.split(/\s--hash[= ]/);
    const found = requirement.exec(before.trim());
    if (found === null) throw badLock(path, `${quoted(own)} is not a name, == and a version, with hashes`);
    const name = plainName(found[1]!);
    const version = found[2]!;
    const digests = hashes.flatMap((each): Digest[] => {
      const [, algorithm, digest] = /^(sha256|sha384|sha512):([0-9a-f]+)$/.exec(each.trim()) ?? [];
      if (algorithm === undefined) throw badLock(path, `${quoted(each)} is not a hash of ${name}`);
      return algorithm === "sha256" && digest!.length === 64 ? [{ algorithm, digest: digest! }] : [];
    });
    if (digests.length === 0)
      throw badLock(path, `${name} ${version} has no sha256: write the file with pip-compile --generate-hashes`);
    const before_ = wanted.get(`${name} ${version}`);
    const isConditional = found[3] !== undefined && before_?.isConditional !== false;
    wanted.set(`${name} ${version}`, {
      ...{ kind: "python", name, version, isConditional },
      digests: [...(before_?.digests ?? []), ...digests],
    });
    if (wanted.size > mostEntries) throw badLock(path, `it has more than ${mostEntries} requirements`);
  }
  return [...wanted.values()];
}

/** As indexes have names (PEP 503). */
export function plainName(name: string): string {
  return name.toLowerCase().replace(/[-_.]+/g, "-");
}

const sourceArchive = /^([A-Za-z0-9][A-Za-z0-9._!+-]*)\.(tar\.gz|zip|tar\.bz2|tar\.xz)$/;
const wheel =
  /^[A-Za-z0-9._]+-[A-Za-z0-9._!+]+(?:-\d[A-Za-z0-9._]*)?-([A-Za-z0-9._]+)-([A-Za-z0-9._]+)-([A-Za-z0-9._]+)\.whl$/;

function isDistribution(file: string): boolean {
  return file.length <= 255 && (sourceArchive.test(file) || wheel.test(file));
}

/**
 * Of the files that a lock allows of one version those for Linux on RISC-V, for any Python 3; source archives where there is no wheel.
 */
export function suitable<T extends { readonly file: string }>(files: readonly T[]): T[] {
  const wheels = files.filter(({ file }) => {
    const [, tags, , platforms] = wheel.exec(file) ?? [];
    if (tags === undefined || file.length > 255) return false;
    const isPython3 = tags.split(".").some((each) => /^(py3|cp3|pp3)/.test(each));
    return isPython3 && platforms!.split(".").some((each) => each === "any" || /linux.*_riscv64$/.test(each));
  });
  if (wheels.length > 0) return wheels;
  return files.filter(({ file }) => isDistribution(file) && !file.endsWith(".whl"));
}
