import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import { Jobs, mostTries } from "../../../src/agents/follower/jobs.ts";

const repository = "git+https://example.org/project.git";
const open = () => new Jobs(new DatabaseSync(":memory:"));
const tips = (tips: Readonly<Record<string, string>>) => new Map(Object.entries(tips));

describe("a follower's jobs", () => {
  it("are there once for each task of a commit, through however many refs it is seen", () => {
    const jobs = open();
    jobs.take(repository, "refs/heads/main", "c1", ["build", "test"]);
    jobs.take(repository, "refs/tags/v1", "c1", ["build"]);
    jobs.take(repository, "refs/heads/main", "c1", ["build", "test"]);
    expect(jobs.count("waiting")).toBe(2);
    expect(jobs.changed(repository, tips({ "refs/heads/main": "c1", "refs/tags/v1": "c1" }))).toEqual(tips({}));
    expect(jobs.changed(repository, tips({ "refs/heads/main": "c2" }))).toEqual(tips({ "refs/heads/main": "c2" }));
    expect(jobs.changed("git+https://example.org/other.git", tips({ "refs/heads/main": "c1" }))).toEqual(
      tips({ "refs/heads/main": "c1" }),
    );
  });

  it("are begun newest first, and one that comes to nothing lets the others go before it", () => {
    const jobs = open();
    for (const commit of ["c1", "c2", "c3"]) jobs.take(repository, "refs/heads/main", commit, ["build"]);
    const first = jobs.begin()!;
    expect(first).toMatchObject({ commit: "c3", tries: 1 });
    expect(jobs.fail(first, "no network", false)).toBe(true);
    expect(jobs.begin()).toMatchObject({ commit: "c2" });
    expect(jobs.begin()).toMatchObject({ commit: "c1" });
    expect(jobs.begin()).toMatchObject({ commit: "c3", tries: 2 });
  });

  it("are taken up again by the next process, and given up when they were begun too often", () => {
    const jobs = open();
    jobs.take(repository, "refs/heads/main", "c1", ["build"]);
    for (let tries = 1; tries <= mostTries; tries++) expect(jobs.begin()).toMatchObject({ commit: "c1", tries });
    expect(jobs.begin()).toBeUndefined();
  });

  it("are done, or failed for good, once", () => {
    const jobs = open();
    jobs.take(repository, "refs/heads/main", "c1", ["a", "b"]);
    jobs.finish(jobs.begin()!, "0x00");
    expect(jobs.fail(jobs.begin()!, "its task file is wrong", true)).toBe(false);
    expect(jobs.begin()).toBeUndefined();
    expect([jobs.count("waiting"), jobs.count("done"), jobs.count("failed")]).toEqual([0, 1, 1]);
  });
});
