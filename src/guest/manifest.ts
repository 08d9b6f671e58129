/** The manifest of an environment: what a client must know of it to compute build ids, and what to look for to run it. */
import type { Hex, Root } from "../core/bytes.ts";

export const imageNames = ["kernel", "root"] as const;
export type ImageName = (typeof imageNames)[number];

/** The images' bytes. */
export type Images = Readonly<Record<ImageName, Uint8Array>>;

export interface ImageReference {
  readonly sha256: Hex;
  /** In bytes. */
  readonly size: number;
}

/** What makes an environment; everything else follows from it. */
export interface GuestSettings {
  readonly name: string;
  /** The emulator before its memory is set to the environment's size. */
  readonly program: { readonly name: string; readonly sha256: Hex };
  readonly images: Readonly<Record<ImageName, ImageReference>>;
  /** In bytes. */
  readonly ramSize: number;
  /** The input drive and the dependency drive hold 2^inputLog2Size bytes each. */
  readonly inputLog2Size: number;
  readonly outputLog2Size: number;
  readonly eventsPerTick: number;
  /** Instructions in one unit of the guest's time, of which a second has 10^7. */
  readonly timeDivider: number;
  /** Ticks that a build may take where nothing else is said. Not part of the id. */
  readonly tickLimit: number;
}

/** What an environment says of itself: with it clients compute build ids, and find the images that make it up. */
export interface GuestManifest extends GuestSettings {
  readonly version: 2;
  /** State root with empty inputs. */
  readonly id: Root;
  /** Siblings of the input region, both drives together, up to the state root, lowest first. */
  readonly siblings: readonly Root[];
}
