import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatFinished, formatTriggered, parseRunRequest } from "../../src/radicle/brokerMessages.ts";
import { patchRequest, pushRequest } from "../support/brokerRequests.ts";
import { seed } from "../support/seed.ts";

const rid = "rad:z3gqcJUoA1n9HaHKufZs5FCSGazv5";
const [a, b] = ["a".repeat(40), "b".repeat(40)];
const bad = (why: string) =>
  expect.objectContaining({ code: "radicle/bad-request", details: { why: expect.stringContaining(why) } });

describe("a request of the CI broker", () => {
  it("for a push is one for its newest commit and its branch", () => {
    const line = JSON.stringify(pushRequest(rid, "feature/x", [b, a]));
    expect(parseRunRequest(line)).toEqual({
      repository: rid,
      isPrivate: false,
      commit: b,
      event: "push",
      branch: "feature/x",
    });
    expect(parseRunRequest(JSON.stringify({ ...pushRequest(rid, "main", []), after: a }))).toMatchObject({ commit: a });
  });

  it.each(["Created", "Updated"])(
    "for a patch that was %s is one for its newest commit and the default branch",
    (action) => {
      const line = JSON.stringify(patchRequest(rid, [b, a], { action }));
      expect(parseRunRequest(line)).toEqual({
        repository: rid,
        isPrivate: false,
        commit: b,
        event: "patch",
        branch: "main",
      });
    },
  );

  it("may have no alias, and fields that newer brokers add", () => {
    const request = pushRequest(rid, "main", [a]);
    expect(
      parseRunRequest(JSON.stringify({ ...request, pusher: { id: "x", alias: null }, more: { x: 1 } })),
    ).toMatchObject({ commit: a });
  });

  it.each<[string, object | string, string]>([
    ["nothing", "", "JSON"],
    ["no JSON", "{", "JSON"],
    ["a name twice", JSON.stringify(pushRequest(rid, "main", [a])).replace("{", '{"version":1,'), "twice"],
    ["deep nesting", "[".repeat(100) + "]".repeat(100), "nested"],
    ["another request", { ...pushRequest(rid, "main", [a]), request: "stop" }, "request"],
    ["another version", { ...pushRequest(rid, "main", [a]), version: 2 }, "version"],
    ["another event", { ...pushRequest(rid, "main", [a]), event_type: "tag" }, "event_type"],
    ["a path for a repository", pushRequest("rad:z../../x", "main", [a]), "repository.id"],
    ["an option for a commit", pushRequest(rid, "main", ["--upload-pack=x"]), "commits.0"],
    ["a commit that is no id", pushRequest(rid, "main", ["HEAD"]), "commits.0"],
    ["a branch that leads out", pushRequest(rid, "../x", [a]), "branch"],
    [
      "a text for whether it is private",
      { ...pushRequest(rid, "main", [a]), repository: { ...pushRequest(rid, "main", [a]).repository, private: "no" } },
      "private",
    ],
    ["another action", patchRequest(rid, [a], { action: "Deleted" }), "action"],
    ["a patch without commits", { ...patchRequest(rid, [a]), patch: {} }, "patch"],
  ])("is refused with %s", (_, request, why) => {
    expect(() => parseRunRequest(typeof request === "string" ? request : JSON.stringify(request))).toThrow(bad(why));
  });

  it("is refused beyond its bounds", () => {
    expect(() => parseRunRequest(" ".repeat(2 ** 22 + 1))).toThrow(bad("characters"));
  });

  it("is refused or read, whatever it is", () => {
    const values = fc.oneof(
      fc.json(),
      fc.string(),
      fc.jsonValue().map((value) => JSON.stringify({ ...pushRequest(rid, "main", [a]), commits: value })),
    );
    fc.assert(
      fc.property(values, (line) => {
        try {
          parseRunRequest(line);
        } catch (error) {
          expect(error).toMatchObject({ code: "radicle/bad-request" });
        }
      }),
      { seed },
    );
  });
});

describe("the answers", () => {
  it("are lines with the fields that the broker knows, and no others", () => {
    expect(formatTriggered("x", "https://example.org/")).toBe(
      '{"response":"triggered","run_id":{"id":"x"},"info_url":"https://example.org/"}\n',
    );
    expect(formatTriggered("x", undefined)).toBe('{"response":"triggered","run_id":{"id":"x"},"info_url":null}\n');
    expect(formatFinished("failure")).toBe('{"response":"finished","result":"failure"}\n');
  });
});
