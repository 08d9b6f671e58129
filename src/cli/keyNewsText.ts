import type { KeyNews } from "../client/policy/keyNews.ts";

/** What was said of keys, as rows of a table. */
export function rowsOfKeys(keys: readonly KeyNews[]): [string, string][] {
  return keys.flatMap(({ name, revocation, isRevoked, announced }) => {
    const rows: [string, string][] = [];
    if (revocation !== undefined) {
      const from = new Date(revocation.from * 1000).toISOString();
      const what = isRevoked ? "nothing counts that it has signed" : "it still counts until then";
      rows.push(["key revoked", `${name}, from ${from} on (${revocation.reason}): ${what}`]);
    }
    for (const key of announced) rows.push(["new key", `${name} announces ${key}${doubt(isRevoked)}`]);
    return rows;
  });
}

function doubt(isRevoked: boolean): string {
  if (isRevoked) return "; but anybody who had the revoked key could: ask its owner";
  return ": it counts when the policy names it";
}
