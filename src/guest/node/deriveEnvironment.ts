import { AssayError, type ErrorDetails, isAssayError } from "../../core/errors.ts";
import { loadClaimable } from "../../machine/claimable.ts";
import type { Hasher } from "../../merkle/hasher.ts";
import { readProgram } from "../../programs/node/readProgram.ts";
import type { GuestManifest, GuestSettings, Images } from "../manifest.ts";
import { environmentBinary, makeManifest } from "../startMemory.ts";
import { readImages } from "./environmentCache.ts";

/** Name of the one program that guests run in. */
const emulatorName = "emulator";

/**
 * The emulator that an environment was made with.
 * @throws AssayError `guest/other-environment` when that is not the one here, `programs/unreadable`
 */
export async function readEmulator({ name, program }: GuestSettings): Promise<Uint8Array> {
  const refusal = (details: ErrorDetails["guest/other-environment"], cause?: unknown) =>
    new AssayError(
      "guest/other-environment",
      `the environment "${name}" was made with another emulator (${program.name} ${program.sha256}): build it again with ` +
        `"assay env build ${name}", import one made with this version of Assay, or use the version it was made with`,
      { name, ...details },
      { cause },
    );
  if (program.name !== emulatorName) throw refusal({ program: program.name });
  try {
    return await readProgram(program);
  } catch (error) {
    if (isAssayError(error, "programs/other-binary")) throw refusal(error.details, error);
    throw error;
  }
}

/**
 * Derives an environment from the emulator and its images. Takes as much memory as the guest has and, for the largest,
 * seconds.
 */
export function deriveManifest(
  settings: GuestSettings,
  emulator: Uint8Array,
  images: Images,
  hasher: Hasher,
): GuestManifest {
  return makeManifest(settings, loadClaimable(environmentBinary(emulator, settings)), images, hasher);
}

/**
 * Checks that a manifest says of its environment what follows from the emulator here and the images in a folder, which
 * are hashed.
 * @throws AssayError `guest/other-environment`, `guest/image-missing`, `guest/bad-image`
 */
export async function checkEnvironment(folder: string, manifest: GuestManifest, hasher: Hasher): Promise<void> {
  const emulator = await readEmulator(manifest);
  const { id } = deriveManifest(manifest, emulator, await readImages(folder, manifest), hasher);
  if (id === manifest.id) return;
  throw new AssayError(
    "guest/other-environment",
    `from the emulator and the images of the environment "${manifest.name}" follows the id ${id}, its manifest says ` +
      `${manifest.id}: do not use it; build it, or import one from somebody else`,
    { name: manifest.name, expected: manifest.id, given: id },
  );
}
