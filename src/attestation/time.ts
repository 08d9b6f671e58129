import { z } from "zod";

/** Seconds since 1970, as statements write them. */
export const timeSchema = z.iso.datetime().transform((text) => Date.parse(text) / 1000);

/** A time to the second. @param seconds since 1970. */
export function timeText(seconds: number): string {
  return new Date(Math.floor(seconds) * 1000).toISOString().replace(".000Z", "Z");
}
