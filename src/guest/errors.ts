import { AssayError } from "../core/errors.ts";

/** Everything that can be wrong with an environment, its images or a build description. */
export type GuestErrorCode =
  // Environments
  | "guest/bad-layout"
  | "guest/bad-manifest"
  | "guest/other-environment"
  | "guest/bad-image"
  | "guest/image-missing"
  | "guest/bad-archive"
  // Build descriptions
  | "guest/bad-description"
  | "guest/description-too-long"
  | "guest/source-too-large"
  | "guest/malformed-input";

/** Shorthand that keeps the code's type closed. */
export function guestError(
  code: GuestErrorCode,
  message: string,
  details: Readonly<Record<string, unknown>> = {},
  cause?: unknown,
): AssayError<GuestErrorCode> {
  return new AssayError<GuestErrorCode>(code, message, details, cause === undefined ? undefined : { cause });
}
