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

  it("wait as before when they are given back, however often", () => {
    const jobs = open();
    for (const commit of ["c1", "c2"]) jobs.take(repository, "refs/heads/main", commit, ["build"]);
    for (let i = 0; i <= mostTries; i++) {
      const begun = jobs.begin()!;
      expect(begun).toMatchObject({ commit: "c2", tries: 1 });
      jobs.giveBack(begun);
    }
    expect(jobs.takeUp()).toEqual([]);
    expect([jobs.count("waiting"), jobs.count("running")]).toEqual([2, 0]);
  });

  it("are taken up by the next process when one was killed in them, and fail when that has come too often", () => {
    const database = new DatabaseSync(":memory:");
    new Jobs(database).take(repository, "refs/heads/main", "c1", ["build"]);
    for (let tries = 1; tries <= mostTries; tries++) {
      const jobs = new Jobs(database);
      if (tries > 1) expect(jobs.takeUp()).toMatchObject([{ commit: "c1", tries: tries - 1, again: true }]);
      expect(jobs.begin()).toMatchObject({ commit: "c1", tries });
      expect(jobs.begin()).toBeUndefined();
    }
    const jobs = new Jobs(database);
    expect(jobs.takeUp()).toMatchObject([
      { commit: "c1", again: false, why: "the process was killed in it, at try 3 of 3" },
    ]);
    expect(jobs.begin()).toBeUndefined();
    expect([jobs.count("waiting"), jobs.count("failed")]).toEqual([0, 1]);
    expect(jobs.takeUp()).toEqual([]);
  });

  it("are begun once more where a state folder from before holds them as begun too often", () => {
    const database = new DatabaseSync(":memory:");
    const jobs = new Jobs(database);
    jobs.take(repository, "refs/heads/main", "c1", ["build"]);
    database.exec(`UPDATE jobs SET tries = ${mostTries}`);
    const begun = jobs.begin()!;
    expect(begun.commit).toBe("c1");
    expect(jobs.fail(begun, "no network", false)).toBe(false);
  });

  it("are begun in turns of their repositories, and none that is running", () => {
    const jobs = open();
    const other = "git+https://example.org/other.git";
    jobs.take(other, "refs/heads/main", "o1", ["build"]);
    for (const commit of ["c1", "c2", "c3"]) jobs.take(repository, "refs/heads/main", commit, ["build"]);
    jobs.take(other, "refs/heads/main", "o2", ["build"]);
    const begun = Array.from({ length: 6 }, () => jobs.begin()?.commit);
    expect(begun).toEqual(["o2", "c3", "o1", "c2", "c1", undefined]);
  });

  it("are not begun while they rest", () => {
    const jobs = open();
    for (const commit of ["c1", "c2"]) jobs.take(repository, "refs/heads/main", commit, ["build"]);
    const first = jobs.begin()!;
    jobs.fail(first, "no network", false);
    expect(jobs.begin([first.id])).toMatchObject({ commit: "c1" });
    expect(jobs.begin([first.id])).toBeUndefined();
    expect(jobs.begin()).toMatchObject({ commit: "c2", tries: 2 });
  });

  it("stay when the ref is forgotten through which they came", () => {
    const jobs = open();
    jobs.take(repository, "refs/heads/main", "c1", ["build"]);
    jobs.take(repository, "refs/heads/gone", "c2", ["build"]);
    jobs.forget(repository, tips({ "refs/heads/main": "c1" }));
    expect(jobs.commitOf(repository, "refs/heads/main")).toBe("c1");
    expect(jobs.commitOf(repository, "refs/heads/gone")).toBeUndefined();
    expect(jobs.count("waiting")).toBe(2);
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
