import type { ExplorerSettings } from "./settings.ts";

/**
 * The headers that a host sends with every answer of the page. The page may connect to its own host and to the servers that its
 * settings name, runs scripts and workers of its own host only, and WebAssembly.
 */
export function pageHeaders(settings: ExplorerSettings): Readonly<Record<string, string>> {
  return {
    "content-security-policy": contentSecurityPolicy(settings),
    "cross-origin-opener-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
  };
}

function contentSecurityPolicy({ chains, stores, attestations }: ExplorerSettings): string {
  const origins = [...chains.flatMap(({ rpc }) => rpc), ...stores, ...attestations].flatMap(originOf);
  const directives: Readonly<Record<string, readonly string[]>> = {
    "default-src": ["'none'"],
    "script-src": ["'self'", "'wasm-unsafe-eval'"],
    "style-src": ["'self'"],
    "img-src": ["'self'", "data:"],
    "connect-src": ["'self'", ...new Set(origins)],
    "worker-src": ["'self'"],
    "base-uri": ["'none'"],
    "form-action": ["'none'"],
    "frame-ancestors": ["'none'"],
  };
  return Object.entries(directives)
    .map(([name, values]) => `${name} ${values.join(" ")}`)
    .join("; ");
}

/** The origin of an address of another host, a gateway of IPFS too; none of one that is relative to the page, or of another scheme. */
function originOf(address: string): string[] {
  const url = URL.parse(address.replace(/^ipfs\+/, ""));
  return url !== null && /^https?:$/.test(url.protocol) ? [url.origin] : [];
}
