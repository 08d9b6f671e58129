import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { builder, integrityOf, publishResult, resultThatGives, sha256 } from "../support/signedPackage.ts";
import { runAssay } from "../support/spawned.ts";

const [alice, bob] = [builder(1), builder(2)];
const archives = Object.fromEntries(
  ["good", "lonely", "other", "silent", "absent"].map((name) => [name, Buffer.from(`archive of ${name}`)] as const),
);
let folder: string;
const lockOf = (...names: string[]) =>
  JSON.stringify({
    lockfileVersion: 3,
    packages: Object.fromEntries(
      names.map((name) => [`node_modules/${name}`, { version: "1.0.0", integrity: integrityOf(archives[name]!) }]),
    ),
  });
/** `assay check --lock` of these packages. */
async function check(names: readonly string[], ...more: string[]) {
  await writeFile(join(folder, "package-lock.json"), lockOf(...names));
  const args = ["check", "--lock", "package-lock.json", "--packages", "archives", ...more];
  const { status, stdout, stderr } = await runAssay([...args, "--json"], { folder });
  const data = stdout === "" ? undefined : JSON.parse(stdout);
  const found = data?.packages.map(({ name, finding }: Record<string, string>) => `${name} ${finding}`);
  return { status, stderr, found, data };
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "assay-lock-"));
  await mkdir(join(folder, "archives"));
  for (const name of ["good", "lonely", "other", "silent"])
    await writeFile(join(folder, "archives", `${name}-1.0.0.tgz`), archives[name]!);
  const store = join(folder, "store");
  await publishResult(store, resultThatGives(sha256(archives.good!)), [alice, bob]);
  await publishResult(store, resultThatGives(sha256(archives.lonely!)), [alice]);
  await publishResult(store, resultThatGives(sha256(archives.other!), "a build"), [alice]);
  await publishResult(store, resultThatGives("77".repeat(32), "a build"), [bob]);
  const keys = JSON.stringify({ alice: alice.keyId, bob: bob.keyId });
  const policy = `version: 1\nkeys: ${keys}\nrequire: { builders: { least: 2, of: [alice, bob] } }\nfrom: ["file:./store"]\n`;
  await writeFile(join(folder, "policy.yaml"), policy);
});
afterAll(async () => await rm(folder, { recursive: true, force: true }));

describe("the packages of a lock file", () => {
  it("are accepted where the policy accepts each", async () => {
    expect(await check(["good"])).toMatchObject({ status: 0, found: ["good accepted"] });
  });

  it("give the worst of all as the answer", async () => {
    expect(await check(["good", "silent"])).toMatchObject({ status: 3, found: ["good accepted", "silent unknown"] });
    expect(await check(["silent", "lonely"])).toMatchObject({
      status: 3,
      found: ["silent unknown", "lonely undecided"],
    });
    const all = await check(["other", "good", "silent", "lonely"], "--allow-unknown");
    expect(all).toMatchObject({ status: 5, data: { counts: { accepted: 1, refused: 1, undecided: 1, unknown: 1 } } });
  });

  it("pass where nobody speaks of them, if that is allowed, and only then", async () => {
    expect((await check(["good", "silent"], "--allow-unknown")).status).toBe(0);
    expect((await check(["lonely"], "--allow-unknown")).status).toBe(3);
    // Nobody could be asked about it.
    expect(await check(["absent"], "--allow-unknown")).toMatchObject({ status: 3, found: ["absent undecided"] });
  });

  it("are undecided where a source is missing that may have known them", async () => {
    const answer = await check(["good", "silent"], "--allow-unknown", "--offline", "--from", "https://builds.example/");
    expect(answer).toMatchObject({ status: 6, found: ["good accepted", "silent undecided"] });
    expect((await check(["good"], "--offline", "--from", "https://builds.example/")).status).toBe(0);
  });

  it("are shown to people with the worst last, and nothing of a lock file steers the terminal", async () => {
    const packages = {
      "node_modules/evil\nfake  1.0.0  accepted": { version: "1\u001b[2J", integrity: integrityOf(archives.silent!) },
      "node_modules/other": { version: "1.0.0", integrity: integrityOf(archives.other!) },
      "node_modules/good": { version: "1.0.0", integrity: integrityOf(archives.good!) },
    };
    await writeFile(join(folder, "package-lock.json"), JSON.stringify({ lockfileVersion: 3, packages }));
    const { stdout } = await runAssay(["check", "--lock", "package-lock.json", "--packages", "archives"], { folder });
    const lines = stdout.trimEnd().split("\n");
    expect(lines).toHaveLength(6);
    expect(lines[1]).toMatch(/^good +1.0.0 +accepted +2 of 2 agree: alice, bob$/);
    expect(lines[2]).toMatch(/^evil\\u000afake {2}1.0.0 {2}accepted +1\\u001b\[2J +unknown/);
    expect(lines[3]).toMatch(/^other +1.0.0 +refused +1 of 2 agree: alice; bob say otherwise$/);
    expect(lines[5]).toBe("3 packages: 1 accepted, 1 unknown, 0 undecided, 1 refused.");
  });

  it("are not asked about together with anything else, nor from a file that is no lock", async () => {
    expect(await check(["good"], "--artifact", "policy.yaml")).toMatchObject({ status: 2 });
    const { status, stderr } = await runAssay(["check", "--lock", "policy.yaml"], { folder });
    expect([status, stderr]).toEqual([2, expect.stringContaining("none of package-lock.json")]);
  });
});
