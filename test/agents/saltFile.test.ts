import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { saltSecretIn } from "../../src/agents/saltFile.ts";

let folder: string;
const created: string[] = [];
const secretIn = () => saltSecretIn(folder, (file) => created.push(file));
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "assay-salt-"));
  created.length = 0;
});
afterEach(() => rm(folder, { recursive: true, force: true }));

it("the secret of the salts is made once, for its owner alone, and found again", async () => {
  const file = join(folder, "salt.key");
  const secret = await secretIn();
  expect(secret).toMatch(/^0x[0-9a-f]{64}$/);
  expect(await secretIn()).toBe(secret);
  expect(created).toEqual([file]);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect((await readFile(file, "utf8")).trim()).toBe(secret);
  expect(await readdir(folder)).toEqual(["salt.key"]);
});

it("a file that others may read, or that is damaged, is refused and not replaced", async () => {
  const file = join(folder, "salt.key");
  await secretIn();
  await chmod(file, 0o640);
  await expect(secretIn()).rejects.toThrowError(
    expect.objectContaining({ code: "agents/bad-salt", message: expect.stringMatching(/chmod 600/) }),
  );
  await writeFile(file, "");
  await chmod(file, 0o600);
  await expect(secretIn()).rejects.toThrowError(expect.objectContaining({ code: "agents/bad-salt" }));
  expect(await readFile(file, "utf8")).toBe("");
});
