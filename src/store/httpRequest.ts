import type { Attempt } from "./attempt.ts";
import type { Refusal } from "./fetchContent.ts";
import type { FetchLimits } from "./fetchLimits.ts";

/** What is asked of a mirror. */
export interface MirrorRequest {
  readonly method: "GET" | "HEAD";
  readonly url: URL;
  /** Bytes from this one on; 0 for all. */
  readonly from?: number;
  /** What the mirror has called these bytes before: it is to send a part of the same only. */
  readonly tag?: string | undefined;
  /** Media types that are taken; any when missing. */
  readonly accept?: string | undefined;
}

const redirectStatuses = [301, 302, 303, 307, 308];
/** A store behind a bucket without a public listing answers 403 for what it does not have. */
const missingStatuses = [403, 404, 410];

/** An answer whose body may be read, or why there is none. Where a part was asked for, the status may be 206 or 416 too. */
export async function request(
  { method, url: first, from = 0, tag, accept = "application/octet-stream, */*" }: MirrorRequest,
  limits: FetchLimits,
  running: Attempt,
): Promise<Response | Refusal> {
  let url = first;
  for (let redirects = 0; ; redirects++) {
    const response = await fetchTwice(url, {
      method,
      headers: {
        accept,
        "accept-encoding": "identity",
        ...(from > 0 && { range: `bytes=${from}-` }),
        ...(from > 0 && tag !== undefined && { "if-range": tag }),
      },
      redirect: "manual",
      credentials: "omit",
      referrerPolicy: "no-referrer",
      signal: running.signal,
    });
    if (response.type === "opaqueredirect") return failed("redirects, to where a browser does not say");
    if (!redirectStatuses.includes(response.status)) return usable(response, from > 0);
    if (redirects === limits.redirects) return failed(`redirects more than ${limits.redirects} times`);
    await response.body?.cancel();
    const next = redirectTarget(url, response.headers.get("location"));
    if (!(next instanceof URL)) return next;
    url = next;
  }
}

const closedCodes = ["ECONNRESET", "EPIPE", "UND_ERR_SOCKET"];

/**
 * A connection that was kept after an earlier request may be closed by the server just as it is used again, which says nothing of the
 * server: the request is then made once more. Reading twice changes nothing.
 */
async function fetchTwice(url: URL, options: RequestInit): Promise<Response> {
  try {
    return await fetch(url, options);
  } catch (error) {
    const { code } = ((error as Error).cause ?? error) as { code?: string };
    if (code === undefined || !closedCodes.includes(code)) throw error;
    return await fetch(url, options);
  }
}

/**
 * SAFETY: a mirror chooses where a redirect leads. Only its own origin and https are followed, so that no request reaches a
 * service of the private network that speaks plain HTTP.
 */
function redirectTarget(from: URL, location: string | null): URL | Refusal {
  const to = location !== null && URL.canParse(location, from) ? new URL(location, from) : undefined;
  if (to === undefined) return failed("redirects to no address");
  if (to.username !== "" || to.password !== "") return failed("redirects to an address with a password");
  if (to.origin === from.origin || to.protocol === "https:") return to;
  return failed("redirects to another server without https");
}

function usable(response: Response, isPart: boolean): Response | Refusal {
  const { status } = response;
  if (missingStatuses.includes(status)) return { kind: "missing", why: "does not have it" };
  if (status !== 200 && !(isPart && (status === 206 || status === 416)))
    return failed(`answered with status ${status}`);
  const encoding = response.headers.get("content-encoding")?.trim().toLowerCase() ?? "";
  if (encoding === "" || encoding === "identity") return response;
  return { kind: "lied", why: "sent encoded content, which was not asked for" };
}

/** The refusal of a mirror that did not do what it should. */
export function failed(why: string): Refusal {
  return { kind: "failed", why };
}
