import { AssayError } from "../../core/errors.ts";
import type { GitSettings } from "./gitProcess.ts";
import { type Packet, packetLine, packetsIn } from "./pktLine.ts";
import { isBranchOrTag, isPatchRef, mostListBytes } from "./remoteRefs.ts";

/** Of the list of what a server can. */
const mostAdvertisedBytes = 2 ** 16;
/** A server that does not speak version 2, or that git alone can talk to, is tried again after that. */
const mostKeptMilliseconds = 3_600_000;

interface Server {
  /** `object-format=...` where the server has named it. */
  readonly objectFormat: string | undefined;
}

/**
 * The refs of repositories at http(s) servers by git's protocol, version 2 (gitprotocol-v2): one request a look, where git is a process or
 * two and two requests. What is read counts as what `git ls-remote` prints does: it says where to look, and is believed no further.
 *
 * Only plain servers are asked so. Where anything else is needed (credentials, a redirect, an older protocol, certificates of one's own)
 * the answer is undefined, and git is to be asked, with the user's settings for it.
 */
export class SmartHttpRefs {
  private readonly servers = new Map<string, Server>();
  /** Those that git has to be asked about, and until when (`performance.now()`). */
  private readonly leftToGit = new Map<string, number>();

  /**
   * @param url of the repository, http or https, as git takes it.
   * @returns undefined where git is to be asked.
   * @throws AssayError `source/git-timeout-fault`; the signal's reason when aborted
   */
  async read(
    url: string,
    { timeoutSeconds, signal }: Omit<GitSettings, "environment">,
    { patches = false }: { readonly patches?: boolean } = {},
  ): Promise<ReadonlyMap<string, string> | undefined> {
    if (!isPlain(url) || performance.now() < (this.leftToGit.get(url) ?? 0)) return undefined;
    const timeout = AbortSignal.timeout(timeoutSeconds * 1000);
    const either = signal === undefined ? timeout : AbortSignal.any([signal, timeout]);
    try {
      const server = this.servers.get(url) ?? (await discover(url, either));
      const refs = server && (await listRefs(url, server, patches, either));
      if (server !== undefined && refs !== undefined) {
        this.servers.set(url, server);
        return refs;
      }
      this.leftToGit.set(url, performance.now() + mostKeptMilliseconds);
    } catch (error) {
      signal?.throwIfAborted();
      if (timeout.aborted) {
        const message = `the server did not answer within ${timeoutSeconds} seconds`;
        throw new AssayError("source/git-timeout-fault", message, { timeoutSeconds }, { cause: error });
      }
      // No connection, for one: git says why in its own words.
    }
    this.servers.delete(url);
    return undefined;
  }
}

/** Nothing in it that is not for everybody, and nothing that paths cannot be added to. */
function isPlain(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password, search, hash } = new URL(text);
  return /^https?:$/.test(protocol) && `${username}${password}${search}${hash}` === "";
}

async function discover(url: string, signal: AbortSignal): Promise<Server | undefined> {
  const path = `${url.replace(/\/+$/, "")}/info/refs?service=git-upload-pack`;
  const bytes = await answerOf(path, {}, "application/x-git-upload-pack-advertisement", mostAdvertisedBytes, signal);
  const lines = packetsIn(bytes ?? new Uint8Array())?.map(textOf);
  const start = lines?.[0] === "# service=git-upload-pack" && lines[1] === "flush" ? 2 : 0;
  if (lines === undefined || lines[start] !== "version 2" || lines.at(-1) !== "flush") return undefined;
  if (!lines.some((line) => /^ls-refs(=|$)/.test(line))) return undefined;
  return { objectFormat: lines.find((line) => /^object-format=sha(1|256)$/.test(line)) };
}

async function listRefs(
  url: string,
  { objectFormat }: Server,
  patches: boolean,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string> | undefined> {
  const prefixes = ["refs/heads/", "refs/tags/", ...(patches ? ["refs/pull/", "refs/merge-requests/"] : [])];
  const body = [
    packetLine("command=ls-refs\n"),
    ...(objectFormat === undefined ? [] : [packetLine(objectFormat)]),
    "0001",
    packetLine("peel\n"),
    ...prefixes.map((prefix) => packetLine(`ref-prefix ${prefix}\n`)),
    "0000",
  ].join("");
  const headers = { "content-type": "application/x-git-upload-pack-request" };
  const path = `${url.replace(/\/+$/, "")}/git-upload-pack`;
  const request = { method: "POST", headers, body };
  const bytes = await answerOf(path, request, "application/x-git-upload-pack-result", mostListBytes, signal);
  const packets = packetsIn(bytes ?? new Uint8Array());
  // A list that ends with nothing is cut off, or none.
  if (packets?.at(-1) !== "flush") return undefined;
  const refs = new Map<string, string>();
  for (const line of packets.slice(0, -1).map(textOf)) {
    const [, id, ref, peeled] =
      /^([0-9a-f]{40}|[0-9a-f]{64}) (refs\/[^\s\0]+)(?: symref-target:\S+)?(?: peeled:([0-9a-f]{40}|[0-9a-f]{64}))?$/.exec(
        line,
      ) ?? [];
    if (id === undefined || ref === undefined) return undefined;
    if (isBranchOrTag(ref) || (patches && isPatchRef(ref))) refs.set(ref, peeled ?? id);
  }
  return refs;
}

/** The body of an answer that is of this type, and not larger than this; undefined for every other. A redirect is another. */
async function answerOf(
  url: string,
  request: RequestInit,
  type: string,
  most: number,
  signal: AbortSignal,
): Promise<Uint8Array | undefined> {
  const headers = { ...request.headers, accept: type, "accept-encoding": "identity", "git-protocol": "version=2" };
  const response = await fetch(url, { ...request, headers, redirect: "manual", credentials: "omit", signal });
  const isRight = response.status === 200 && response.headers.get("content-type") === type;
  if (!isRight || response.headers.has("content-encoding") || response.body === null) {
    await response.body?.cancel();
    return undefined;
  }
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body) {
    size += chunk.length;
    // Leaving the loop ends the connection.
    if (size > most) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function textOf(packet: Packet): string {
  return typeof packet === "string" ? packet : new TextDecoder().decode(packet);
}
