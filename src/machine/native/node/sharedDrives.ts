import type { DriveImage } from "../../program.ts";

/** Below this, a copy for each thread is cheaper than memory of its own. */
const leastBytes = 65536;

/** The same drives, their contents in memory that threads share: they are large, and each thread would get a copy otherwise. */
export function sharedDrives(drives: readonly DriveImage[]): DriveImage[] {
  return drives.map((drive) => {
    const { bytes } = drive;
    if (bytes.length < leastBytes || bytes.buffer instanceof SharedArrayBuffer) return drive;
    const shared = new Uint8Array(new SharedArrayBuffer(bytes.length));
    shared.set(bytes);
    return { ...drive, bytes: shared };
  });
}
