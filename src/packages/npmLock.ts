import { base64 } from "@scure/base";
import { z } from "zod";
import { toHex } from "../core/bytes.ts";
import { checkValue, parseJson } from "../core/json.ts";
import { malformedLock } from "./errors.ts";
import { type ArchiveDigest, eachOnce, type LockedPackage } from "./lockedPackage.ts";

/** A system that packages are installed on, in npm's words; what is not known of it fits every package. */
export interface Platform {
  readonly os: string;
  readonly cpu: string;
  readonly libc?: string | undefined;
}

const platforms = z
  .union([z.string(), z.array(z.string())])
  .transform((value) => (typeof value === "string" ? [value] : value))
  .optional();
const entry = z.object({
  name: z.string().max(300).optional(),
  version: z.string().max(300).optional(),
  resolved: z.union([z.string().max(4096), z.boolean()]).optional(),
  integrity: z.string().max(4096).optional(),
  link: z.boolean().optional(),
  inBundle: z.boolean().optional(),
  optional: z.boolean().optional(),
  os: platforms,
  cpu: platforms,
  libc: platforms,
});
type Entry = z.output<typeof entry>;
const schema = z.object({
  lockfileVersion: z.union([z.literal(2), z.literal(3)], "is not 2 or 3: npm 7 and later write those"),
  packages: z.record(z.string(), entry),
});

/**
 * The packages that a `package-lock.json` (version 2 or 3) or `npm-shrinkwrap.json` pins. The project itself, its workspaces and what
 * comes inside another package's archive are none, nor are optional ones that npm does not install on this platform.
 * @param file its name, for errors. @param platform undefined takes those for every one. @throws AssayError `packages/bad-lock`
 */
export function parseNpmLock(text: string, file: string, platform?: Platform): LockedPackage[] {
  const refuse = (why: string, cause?: unknown) => malformedLock(file, why, cause);
  const { packages } = checkValue(parseJson(text, refuse), schema, refuse);
  return eachOnce(file, installed(file, packages, platform));
}

function* installed(
  file: string,
  packages: Readonly<Record<string, Entry>>,
  platform: Platform | undefined,
): Iterable<LockedPackage> {
  for (const [path, each] of Object.entries(packages)) {
    const { name, version, resolved, integrity, link, inBundle } = each;
    const start = path.lastIndexOf("node_modules/");
    if (start === -1 || link === true || inBundle === true || isForOthers(each, platform)) continue;
    const own = name ?? path.slice(start + "node_modules/".length);
    const from = typeof resolved === "string" ? resolved : undefined;
    if (version === undefined && integrity === undefined && from === undefined)
      throw malformedLock(file, `packages.${path}: has neither version nor integrity nor an address`);
    yield { name: own, version: version ?? "", from, ...digestIn(integrity) };
  }
}

/** Whether npm passes over a package here: it is optional, and for other platforms. */
function isForOthers({ optional, ...wanted }: Entry, platform: Platform | undefined): boolean {
  if (optional !== true || platform === undefined) return false;
  return (["os", "cpu", "libc"] as const).some((key) => {
    const [own, list] = [platform[key], wanted[key] ?? []];
    if (own === undefined || list.length === 0 || (list.length === 1 && list[0] === "any")) return false;
    const allowed = list.filter((each) => !each.startsWith("!"));
    return list.includes(`!${own}`) || (allowed.length > 0 && !allowed.includes(own));
  });
}

/** npm checks the strongest algorithm of several and no other, so that a weaker one beside it says nothing of what is installed. */
function digestIn(integrity: string | undefined): Pick<LockedPackage, "digest" | "why"> {
  const hashes = (integrity ?? "").split(/\s+/).filter((each) => each !== "");
  if (hashes.length === 0) return { digest: undefined, why: "the lock has no digest of it" };
  for (const [algorithm, length] of algorithms) {
    const found = [
      ...new Set(hashes.filter((each) => each.startsWith(`${algorithm}-`)).map((each) => each.split("?")[0]!)),
    ];
    if (found.length === 0) continue;
    if (found.length > 1) return { digest: undefined, why: `the lock has more than one ${algorithm} of it` };
    if (algorithm === "sha384") break;
    const digest = hexIn(found[0]!.slice(algorithm.length + 1), length);
    if (digest === undefined) return { digest, why: `the lock's ${algorithm} of it is malformed` };
    return { digest: { algorithm, digest } satisfies ArchiveDigest };
  }
  return { digest: undefined, why: "the lock has neither sha256 nor sha512 of it" };
}

const algorithms = [
  ["sha512", 64],
  ["sha384", 48],
  ["sha256", 32],
] as const;

function hexIn(text: string, length: number): string | undefined {
  try {
    const bytes = base64.decode(text);
    return bytes.length === length ? toHex(bytes).slice(2) : undefined;
  } catch {
    return undefined;
  }
}
