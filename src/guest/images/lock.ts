/**
 * Locks of environments: what one is made of, to the byte, and how large its parts are. JSON, one file for each environment;
 * those that come with Assay stand in `environments/`.
 */
import { z } from "zod";
import { AssayError } from "../../core/errors.ts";
import { checkValue, parseJson } from "../../core/json.ts";

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const version = z.string().regex(/^[A-Za-z0-9.:+~-]+$/);
/** The name of a Debian package. */
export const debianName = z.string().regex(/^[a-z0-9][a-z0-9.+-]+$/);
const npmName = z.string().regex(/^(@[a-z0-9][a-z0-9._-]*\/)?[a-z0-9][a-z0-9._-]*$/);
const treePath = z.string().regex(/^(?!\.{0,2}(\/|$))[^\0]+$/);

const debianPackage = z.strictObject({
  name: debianName,
  version,
  /** In a mirror of Debian. */
  path: z.string().regex(/^pool\/(?!.*\.\.)[A-Za-z0-9/._+~-]+\.deb$/),
  sha256,
});
const npmPackage = z.strictObject({ name: npmName, version, sha256 });

/** Where an environment's files come from. */
const origin = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("debian"),
    suite: z.string().regex(/^[a-z][a-z0-9-]*$/),
    /** Those that were asked for; what they depend on stands in `debian` of the lock. */
    packages: z.array(debianName),
    /** Whether it has what every Debian system has, a shell among it. */
    essential: z.boolean().default(true),
    /** Packages of npm, with the binaries that they name in `/usr/bin`; a version or tag may follow behind an `@`. */
    npm: z.array(z.string()).default([]),
    /** Paths that are left out, with everything in them, besides documentation. */
    leftOut: z.array(treePath).default([]),
  }),
  // What is in them is pinned by the image that comes out; where they are is said by who builds.
  z.strictObject({ kind: z.enum(["oci", "dir", "nix"]) }),
]);

const schema = z.strictObject({
  version: z.literal(1),
  name: z.string().regex(/^[a-z0-9][a-z0-9._-]{0,63}$/),
  /** In bytes. */
  ramSize: z.int(),
  inputLog2Size: z.int(),
  outputLog2Size: z.int(),
  /** What a build may take when nothing else is said. */
  tickLimit: z.int().min(1).optional(),
  from: origin,
  /** When the packages were looked up: what Debian's snapshot archive is asked for. */
  snapshot: z
    .string()
    .regex(/^[0-9]{8}T[0-9]{6}Z$/)
    .optional(),
  debian: z.array(debianPackage).default([]),
  npm: z.array(npmPackage).default([]),
  /** What has to come out; absent until it has been built once. */
  root: sha256.optional(),
  /** The environment's id, with the emulator and the kernel that it was built with last. */
  id: z
    .string()
    .regex(/^0x[0-9a-f]{64}$/)
    .optional(),
});

export type DebianPackage = z.infer<typeof debianPackage>;
export type NpmPackage = z.infer<typeof npmPackage>;
export type EnvironmentLock = z.infer<typeof schema>;
export type Origin = EnvironmentLock["from"];
export type DebianOrigin = Extract<Origin, { kind: "debian" }>;

/** @throws AssayError `guest/bad-lock` */
export function parseLock(text: string, file: string): EnvironmentLock {
  const refuse = (why: string, cause?: unknown) =>
    new AssayError("guest/bad-lock", `${file} is not a lock of an environment: ${why}`, { file }, { cause });
  const lock = checkValue(parseJson(text, refuse), schema, refuse);
  for (const packages of [lock.debian, lock.npm]) {
    const names = packages.map(({ name }) => name);
    const twice = names.find((name, i) => names.indexOf(name) !== i);
    if (twice !== undefined) throw refuse(`it names ${twice} twice`);
  }
  return lock;
}

/** The lock as text: packages by name, one line each. */
export function encodeLock(lock: EnvironmentLock): string {
  const { debian, npm, ...rest } = schema.parse(lock);
  const sorted = <T extends { readonly name: string }>(list: readonly T[]) =>
    [...list].sort((a, b) => (a.name < b.name ? -1 : 1));
  const head = JSON.stringify(rest, null, 2).slice(0, -2);
  const lines = (key: string, list: readonly { readonly name: string }[]) =>
    list.length === 0 ? "" : `,\n  "${key}": [\n${list.map((each) => `    ${JSON.stringify(each)}`).join(",\n")}\n  ]`;
  return `${head}${lines("debian", sorted(debian))}${lines("npm", sorted(npm))}\n}\n`;
}
