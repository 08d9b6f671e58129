import { createHash, createHmac, timingSafeEqual } from "node:crypto";

type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

/** Where forges put the HMAC-SHA256 of the body, in hexadecimal: GitHub (with `sha256=`), Gitea, Forgejo, Gogs. */
const signatureHeaders = ["x-hub-signature-256", "x-forgejo-signature", "x-gitea-signature", "x-gogs-signature"];
/** Where GitLab puts the secret itself. */
const tokenHeader = "x-gitlab-token";

/** Whether a message comes from somebody who knows the secret. Every comparison takes the same time, whatever it is given. */
export function isFromForge(headers: Headers, body: Uint8Array, secret: string): boolean {
  const expected = createHmac("sha256", secret).update(body).digest("hex");
  const given = signatureHeaders.flatMap((name) => headers[name] ?? []).map((text) => text.replace(/^sha256=/, ""));
  const tokens = [headers[tokenHeader] ?? []].flat();
  return given.some((text) => isSame(text, expected)) || tokens.some((text) => isSame(text, secret));
}

function isSame(a: string, b: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}

/** Fields in which forges name a repository's addresses. */
const addressFields = [
  ...["clone_url", "ssh_url", "git_url", "html_url", "url", "homepage"],
  ...["git_http_url", "git_ssh_url", "http_url", "web_url"],
];

/**
 * The addresses of the repository that a message is about, in the one form that `addressOf` gives.
 * @throws SyntaxError for what is no JSON
 */
export function addressesIn(headers: Headers, body: Uint8Array): ReadonlySet<string> {
  const text = new TextDecoder().decode(body);
  const isForm = String(headers["content-type"] ?? "").startsWith("application/x-www-form-urlencoded");
  const message: unknown = JSON.parse(isForm ? (new URLSearchParams(text).get("payload") ?? "") : text);
  const places = ["repository", "project"].map((name) => fieldOf(message, name));
  const addresses = places.flatMap((place) => addressFields.map((name) => fieldOf(place, name)));
  return new Set(addresses.flatMap((each) => (typeof each === "string" ? (addressOf(each) ?? []) : [])));
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined;
}

/** Host and path of a repository, however it is reached: `host/owner/name`; undefined for what is no address. */
export function addressOf(text: string): string | undefined {
  if (text.length > 4096) return undefined;
  const [, scpHost, scpPath] = /^(?:[^@/\s]+@)?([^:/\s]+):(?!\/)(\S+)$/.exec(text) ?? [];
  if (scpHost !== undefined) return `${scpHost.toLowerCase()}/${pathOf(scpPath!)}`;
  const plain = text.replace(/^git\+/, "");
  if (!URL.canParse(plain)) return undefined;
  const { hostname, pathname } = new URL(plain);
  return `${hostname.toLowerCase()}/${pathOf(pathname)}`;
}

function pathOf(path: string): string {
  return path.replace(/^\/+|\/+$/g, "").replace(/\.git$/, "");
}
