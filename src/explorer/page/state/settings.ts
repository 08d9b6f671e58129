import { signal } from "@preact/signals";
import { AssayError } from "../../../core/errors.ts";
import type { ChainKey } from "../../records.ts";
import type { ExplorerSettings } from "../../settings.ts";
import { type Check, fields, list, Mismatch, matching, number, oneOf, optional, text } from "../check.ts";
import "../errors.ts";

export type ChainSettings = ExplorerSettings["chains"][number];

const confirmations: Check<ChainSettings["confirmations"]> = (value, at) =>
  typeof value === "number" ? number(value, at) : oneOf("safe", "finalized")(value, at);
const version: Check<1> = (value, at) => {
  if (value !== 1) throw new Mismatch(at, "1, the version that this page knows");
  return value;
};
const check = fields<ExplorerSettings>({
  version,
  chains: list(
    fields<ChainSettings>({
      name: text,
      chainId: number,
      assay: matching(/^0x[0-9a-fA-F]{40}$/, "an address"),
      deploymentBlock: number,
      rpc: list(text),
      confirmations,
      logRange: number,
    }),
  ),
  stores: list(text),
  attestations: list(text),
  index: optional(text),
});

/** What the host says; undefined until it has said it. */
export const settings = signal<ExplorerSettings | undefined>(undefined);

/** @throws AssayError `explorer/unreachable-fault`, `explorer/bad-answer` */
export async function loadSettings(): Promise<ExplorerSettings> {
  const { href: url } = new URL("explorer.json", document.baseURI);
  let told: unknown;
  try {
    told = await (await fetch(url, { cache: "no-cache" })).json();
  } catch (cause) {
    const why = "there is no JSON at this address";
    const message = `the page's settings cannot be read (${url}): ${why}`;
    throw new AssayError("explorer/unreachable-fault", message, { url, why }, { cause });
  }
  try {
    return check(told, "explorer.json");
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new AssayError("explorer/bad-answer", `the page's settings are wrong: ${why}`, { url, why }, { cause });
  }
}

export function keyOf({ chainId, assay }: Pick<ChainSettings, "chainId" | "assay">): ChainKey {
  return `${chainId}-${assay.toLowerCase() as `0x${string}`}`;
}

/** The chain of this key, if the host has named it: to no other does the page connect. */
export function chainOf(key: ChainKey): ChainSettings | undefined {
  return settings.value?.chains.find((chain) => keyOf(chain) === key);
}

/** An address of the settings, which may be relative to the page. */
export function absolute(address: string): string {
  return new URL(address, document.baseURI).href;
}
