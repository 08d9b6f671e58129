import type { History } from "../chain/history.ts";
import type { Root } from "../core/bytes.ts";

/** Everywhere that somebody says a build's inputs are: requests first, then claims. None of it is trusted. */
export function locatorsOf(history: History, buildId: Root): string[] {
  const build = history.builds.get(buildId);
  if (build === undefined) return [];
  const requests = build.requests.map((id) => history.requests.get(id)!.locator);
  const claims = build.claims.map((id) => history.claims.get(id)!.fields.locator);
  return [...new Set([...requests, ...claims])];
}
