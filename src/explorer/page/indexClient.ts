import { AssayError } from "../../core/errors.ts";
import type {
  BuildDetail,
  BuildFilter,
  BuildSummary,
  ChainKey,
  ClaimDetail,
  DisputeDetail,
  IndexedChain,
  OperatorSummary,
  Page,
  SearchHit,
  Watch,
} from "../records.ts";
import type { Check } from "./check.ts";
import * as checks from "./recordChecks.ts";
import "./errors.ts";

const timeoutMilliseconds = 15_000;
/** Answers that are kept to be compared by their tags. */
const mostKept = 200;

/** Asks the index. Every answer is checked to be of the shape that the page knows; that it is true is another question. */
export class IndexClient {
  /** By address: an answer that has not changed stays the same object, so that nothing is drawn again. */
  private readonly kept = new Map<string, { readonly tag: string; readonly value: unknown }>();

  /** @param base with a slash at its end. */
  constructor(private readonly base: URL) {}

  /** Where it says, by server-sent events, that something is new. */
  get changes(): URL {
    return new URL("events", this.base);
  }

  async chains(signal?: AbortSignal): Promise<readonly IndexedChain[]> {
    return await this.ask("chains", {}, checks.pageOf(checks.indexedChain), signal).then(({ items }) => items);
  }

  async builds(filter: BuildFilter, cursor?: string, signal?: AbortSignal): Promise<Page<BuildSummary>> {
    return await this.ask("builds", { ...filter, cursor, limit: "100" }, checks.pageOf(checks.buildSummary), signal);
  }

  async build(chain: ChainKey, id: string, signal?: AbortSignal): Promise<BuildDetail | undefined> {
    return await this.find(`builds/${chain}/${encodeURIComponent(id)}`, checks.buildDetail, signal);
  }

  async claim(chain: ChainKey, id: string, signal?: AbortSignal): Promise<ClaimDetail | undefined> {
    return await this.find(`claims/${chain}/${encodeURIComponent(id)}`, checks.claimDetail, signal);
  }

  async dispute(chain: ChainKey, id: string, signal?: AbortSignal): Promise<DisputeDetail | undefined> {
    return await this.find(`disputes/${chain}/${encodeURIComponent(id)}`, checks.disputeDetail, signal);
  }

  async operators(chain?: ChainKey, cursor?: string, signal?: AbortSignal): Promise<Page<OperatorSummary>> {
    return await this.ask("operators", { chain, cursor }, checks.pageOf(checks.operatorSummary), signal);
  }

  async operator(chain: ChainKey, address: string, signal?: AbortSignal): Promise<OperatorSummary | undefined> {
    return await this.find(`operators/${chain}/${encodeURIComponent(address)}`, checks.operatorSummary, signal);
  }

  async search(query: string, signal?: AbortSignal): Promise<readonly SearchHit[]> {
    return (await this.ask("search", { q: query }, checks.pageOf(checks.searchHit), signal)).items;
  }

  async watch(signal?: AbortSignal): Promise<Watch> {
    return await this.ask("watch", {}, checks.watch, signal);
  }

  /** @returns undefined where the index has nothing of that id. */
  private async find<T>(path: string, check: Check<T>, signal?: AbortSignal): Promise<T | undefined> {
    const found = await this.request(path, {}, check, signal);
    return found === "missing" ? undefined : found;
  }

  private async ask<T>(
    path: string,
    parameters: Readonly<Record<string, string | undefined>>,
    check: Check<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    const found = await this.request(path, parameters, check, signal);
    if (found === "missing") throw refused(this.base.href + path, "it has no such list");
    return found;
  }

  private async request<T>(
    path: string,
    parameters: Readonly<Record<string, string | undefined>>,
    check: Check<T>,
    signal?: AbortSignal,
  ): Promise<T | "missing"> {
    const url = new URL(path, this.base);
    for (const [name, value] of Object.entries(parameters)) if (value) url.searchParams.set(name, value);
    const { href } = url;
    const timeout = AbortSignal.timeout(timeoutMilliseconds);
    let response: Response;
    let body: unknown;
    try {
      // The browser sends the tag that it has, and gives back what it has kept if nothing is new.
      response = await fetch(url, { cache: "no-cache", signal: signal ? AbortSignal.any([signal, timeout]) : timeout });
      body = await response.json().catch(() => undefined);
    } catch (cause) {
      if (signal?.aborted) throw cause;
      const why = timeout.aborted
        ? `it has not answered within ${timeoutMilliseconds / 1000} s`
        : "it cannot be reached";
      throw new AssayError("explorer/unreachable-fault", `the index: ${why}`, { url: href, why }, { cause });
    }
    if (response.status === 404) return "missing";
    if (response.status >= 500) {
      const why = `it answers with status ${response.status}`;
      throw new AssayError("explorer/unreachable-fault", `the index: ${why}`, { url: href, why });
    }
    if (!response.ok) throw refused(href, messageIn(body) ?? `status ${response.status}`);
    const tag = response.headers.get("etag");
    const kept = this.kept.get(href);
    if (tag !== null && kept?.tag === tag) return kept.value as T;
    const value = checked(body, check, href);
    if (tag !== null) this.keep(href, tag, value);
    return value;
  }

  private keep(href: string, tag: string, value: unknown): void {
    this.kept.delete(href);
    this.kept.set(href, { tag, value });
    for (const oldest of this.kept.keys()) {
      if (this.kept.size <= mostKept) return;
      this.kept.delete(oldest);
    }
  }
}

function checked<T>(body: unknown, check: Check<T>, url: string): T {
  try {
    return check(body, "the answer");
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : "it is of another shape";
    throw new AssayError("explorer/bad-answer", `the index answers something else: ${why}`, { url, why }, { cause });
  }
}

function refused(url: string, why: string) {
  return new AssayError("explorer/refused", `the index refuses: ${why}`, { url, why });
}

function messageIn(body: unknown): string | undefined {
  const told = body as
    | { readonly error?: { readonly message?: unknown } | string; readonly message?: unknown }
    | undefined;
  const message = typeof told?.error === "object" ? told.error.message : (told?.error ?? told?.message);
  return typeof message === "string" ? message.slice(0, 300) : undefined;
}
