import { existsSync } from "node:fs";
import { AssayError } from "../../../core/errors.ts";
import { type DebianOrigin, type DebianPackage, debianName, type EnvironmentLock, type NpmPackage } from "../lock.ts";
import { resolvePackages } from "./apt.ts";
import { debianPlaces, packNpm } from "./downloads.ts";

/** The release of Debian that environments are made of. */
export const suite = "trixie";
const keyring = "/usr/share/keyrings/debian-archive-keyring.gpg";

export interface Resolved {
  readonly debian: DebianPackage[];
  readonly npm: NpmPackage[];
  readonly snapshot: string;
}

/**
 * Looks up what an environment of Debian packages is made of today.
 * @param folder of the cache, into which packages of npm come.
 * @throws AssayError `guest/unresolved`, `guest/tool-failed`
 */
export async function resolveOrigin(origin: DebianOrigin, folder: string): Promise<Resolved> {
  const bad = origin.packages.find((name) => !debianName.safeParse(name).success);
  if (bad !== undefined) {
    throw new AssayError("guest/unresolved", `${JSON.stringify(bad)} is no name of a Debian package`, {
      packages: [bad],
    });
  }
  if (!existsSync(keyring)) {
    throw new AssayError(
      "guest/unresolved",
      `the keys of Debian's archive are not here (${keyring}): packages are looked up on Debian, with the package ` +
        "debian-archive-keyring",
      { packages: origin.packages },
    );
  }
  const { mirrors } = await debianPlaces(undefined);
  const archive = { mirrors, suite: origin.suite, keyring, essential: origin.essential };
  const { packages, snapshot } = await resolvePackages(origin.packages, archive);
  const npm: NpmPackage[] = [];
  for (const wanted of origin.npm) npm.push(await packNpm(wanted, folder));
  return { debian: [...packages], npm, snapshot };
}

/** Whether a lock is of what is asked for. */
export function isOf(lock: EnvironmentLock, origin: EnvironmentLock["from"]): boolean {
  const { from } = lock;
  if (from.kind !== "debian" || origin.kind !== "debian") return from.kind === origin.kind;
  const words = ({ packages, npm, essential }: DebianOrigin) => JSON.stringify([[...packages].sort(), npm, essential]);
  return words(from) === words(origin);
}
