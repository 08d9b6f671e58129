import type { ErrorCodeOf, NoDetails } from "../core/errors.ts";
import type { ContentId } from "./contentId.ts";
import type { MirrorAnswer } from "./mirrorHealth.ts";

declare module "../core/errors.ts" {
  interface ErrorDetails {
    "store/bad-id": { text: string };
    "store/missing": { id: ContentId; place: string } | Mirrored;
    /** `given` is the id of what is kept under the name `id`. */
    "store/corrupt": { id: ContentId; given: ContentId; place: string };
    "store/too-large": { id: ContentId; size: number; maxBytes: number } | Mirrored;
    "store/cancelled": { what: string };
    "store/bad-target": { path: string };
    "store/bad-description": { url: string };
    "store/bad-tokens": { file: string };
    "store/no-ipfs-fault": NoDetails;
    "store/no-answer-fault": { url: string; why: string };
    /** A store that is written to did not take something; `status` is its answer's, if there was one. */
    "store/not-taken-fault": { url: string; status?: number };
    "store/read-only": NoDetails;
    "store/full-fault": { file: string };
    /** `code` is the system's. */
    "store/io-fault": { file: string; code: string | undefined };
    "store/unreachable-fault": Mirrored;
    "store/port-fault": { host: string; port: number; code: string | undefined };
  }
}

/**
 * What can go wrong with a store. `missing`, `corrupt` and `too-large` are facts about content; the codes that end in
 * `-fault` are about the place that keeps it, or the way to it; `cancelled` means that the caller's signal came first.
 */
export type StoreErrorCode = ErrorCodeOf<"store">;

/** What each mirror has answered, when none has brought the content. */
interface Mirrored {
  readonly id: ContentId;
  readonly mirrors: readonly MirrorAnswer[];
}
