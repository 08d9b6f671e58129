/**
 * Builds in Linux guests: what a build is, as an input drive, and what environments say of themselves. Runs in Node and in
 * browsers.
 */
export type { BuildDescription } from "../guest/buildDescription.ts";
export type { GuestErrorCode } from "../guest/errors.ts";
export { decodeInput, encodeInput, encodeInputDrive, encodeSource, type GuestInput } from "../guest/inputDrive.ts";
export type { GuestManifest } from "../guest/manifest.ts";
export { parseManifest } from "../guest/manifestText.ts";
export { describeGuestExit } from "../guest/result.ts";
export { environmentOfManifest } from "../guest/startMemory.ts";
