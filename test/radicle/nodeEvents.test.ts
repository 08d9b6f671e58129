import { describe, expect, it } from "vitest";
import { readNodeLine } from "../../src/radicle/nodeEvents.ts";

const rid = "rad:z3gqcJUoA1n9HaHKufZs5FCSGazv5";

describe("a line from a node's socket", () => {
  it.each(["refsFetched", "localRefsAnnounced", "canonicalRefUpdated"])("%s is a hint to look", (type) => {
    expect(readNodeLine(JSON.stringify({ type, rid, anything: [1] }))).toEqual({ kind: "changed", repository: rid });
  });

  it("is an error", () => {
    expect(readNodeLine('{"error":"unknown command"}')).toEqual({ kind: "refused", why: "unknown command" });
  });

  it.each([
    ["no JSON", "{"],
    ["nothing", ""],
    ["null", "null"],
    ["a number", "7"],
    ["an event that changes nothing here", JSON.stringify({ type: "refsAnnounced", rid })],
    ["an event of a kind that is not known", JSON.stringify({ type: "other", rid })],
    ["an event without a repository", JSON.stringify({ type: "refsFetched" })],
    ["an event of what is no repository", JSON.stringify({ type: "refsFetched", rid: "rad:z../../x" })],
  ])("says nothing else: %s", (_, line) => {
    expect(readNodeLine(line)).toEqual({ kind: "other" });
  });
});
