import { existsSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";
import { topicAt } from "../../attestation/board.ts";
import { environmentAt } from "../../guest/environmentIndex.ts";
import { parseContentId } from "../../store/contentId.ts";
import { CheckedContents } from "../../store/node/checkedContents.ts";
import { contentFile } from "../../store/node/directoryStore.ts";
import { answer } from "../../store/node/storeAnswer.ts";
import { defaultStoreServerLimits } from "../../store/node/storeServerLimits.ts";

/** The contents of the operator's own folders, as a store's server gives them out; what else lies in the folders is not served. */
export class ServedContents {
  private readonly stores: readonly { readonly folder: string; readonly contents: CheckedContents }[];

  /** @param onCorrupt called once for a file that is not what its name says. */
  constructor(folders: readonly string[], onCorrupt: (file: string) => void) {
    const { maxBytes } = defaultStoreServerLimits;
    this.stores = folders.map((folder) => ({ folder, contents: new CheckedContents(folder, maxBytes, onCorrupt) }));
  }

  /** @param url the path in the store, with the slash at its beginning. */
  async answer(request: IncomingMessage, response: ServerResponse, url: string): Promise<void> {
    const { folder, contents } = this.stores.find(({ folder }) => isIn(folder, url)) ?? this.stores[0] ?? nothing;
    const fileAt = (path: string) => (isText(path) && folder !== undefined ? join(folder, path) : undefined);
    await answer(request, response, contents, defaultStoreServerLimits, { fileAt, url });
  }
}

/** What there is where there are no folders. */
const nothing = { folder: undefined, contents: { open: async () => undefined } as unknown as CheckedContents };

function isIn(folder: string, url: string): boolean {
  const digits = /^\/sha256\/([0-9a-f]{64})$/.exec(url)?.[1];
  if (digits !== undefined) return existsSync(contentFile(folder, parseContentId(`sha256:${digits}`)));
  return isText(url.slice(1)) && existsSync(join(folder, url));
}

/** Whether there may be a file besides the contents at a path: signed results, environments. */
function isText(path: string): boolean {
  return topicAt(path) !== undefined || environmentAt(path) !== undefined;
}
