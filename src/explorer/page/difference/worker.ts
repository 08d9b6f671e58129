/** Entry of the worker that fetches two contents and compares them. */
import { compareContents } from "../../../diff/compareContents.ts";
import { type DiffLimits, defaultDiffLimits } from "../../../diff/limits.ts";
import type { ContentSource } from "../../../store/store.ts";
import { openSources } from "../verify/sources.ts";
import { type Compared, type CompareTask, type FromComparer, mostContentBytes } from "./messages.ts";

/** A tab has less memory than a shell. */
const limits: DiffLimits = { ...defaultDiffLimits, unpackedBytes: 2 ** 28, milliseconds: 30_000 };

async function bytesOf(content: Compared, source: ContentSource): Promise<Uint8Array> {
  if (content.kind === "here") return content.bytes;
  return await source.get(`sha256:${content.sha256}`, Math.min(content.size, mostContentBytes));
}

async function compare({ name, first, second, stores }: CompareTask): Promise<FromComparer> {
  const source = openSources(stores, () => {});
  const [ours, theirs] = await Promise.all([bytesOf(first, source), bytesOf(second, source)]);
  return { kind: "compared", comparison: await compareContents(name, ours, theirs, { limits }) };
}

globalThis.addEventListener("message", ({ data }: MessageEvent<CompareTask>) => {
  void compare(data)
    .catch((error: unknown): FromComparer => {
      return { kind: "failed", why: error instanceof Error ? error.message : String(error) };
    })
    .then((answer) => globalThis.postMessage(answer));
});
