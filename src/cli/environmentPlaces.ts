import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { AssayError } from "../core/errors.ts";
import { indexPath, mostIndexBytes } from "../guest/environmentIndex.ts";
import type { EnvironmentPlace } from "../guest/node/fetchEnvironment.ts";
import { fetchBytes } from "../store/fetchContent.ts";
import { defaultFetchLimits } from "../store/fetchLimits.ts";
import { diskError } from "../store/node/atomicFile.ts";
import type { StoreDescription } from "../store/storeKind.ts";

/** Where the configured stores say what they know of environments: folders and servers. */
export function environmentPlaces(stores: readonly StoreDescription[]): EnvironmentPlace[] {
  return stores.flatMap(({ url }) => {
    if (url.startsWith("file:")) return [folderPlace(url)];
    return /^https?:/.test(url) ? [serverPlace(url)] : [];
  });
}

function folderPlace(url: string): EnvironmentPlace {
  return {
    url,
    async find(key) {
      const file = join(fileURLToPath(url), indexPath(key));
      try {
        if ((await stat(file)).size > mostIndexBytes) return undefined;
        return await readFile(file, "utf8");
      } catch (cause) {
        if ((cause as NodeJS.ErrnoException).code === "ENOENT") return undefined;
        throw diskError(cause, "read", file);
      }
    },
  };
}

function serverPlace(url: string): EnvironmentPlace {
  return {
    url,
    async find(key) {
      const path = indexPath(key);
      const place = new URL(path, url.endsWith("/") ? url : `${url}/`);
      const answer = await fetchBytes(path, place, mostIndexBytes, defaultFetchLimits);
      if (answer.kind === "brought") return new TextDecoder().decode(answer.value);
      if (answer.kind === "missing") return undefined;
      const { why } = answer;
      throw new AssayError("store/no-answer-fault", `${url} ${why}`, { url, why });
    },
  };
}
