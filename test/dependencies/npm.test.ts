import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { startLocalRegistry } from "../support/localRegistry.ts";
import { layerInUse, lockedLayer } from "../support/lockedProject.ts";
import { archiveOf } from "../support/packageRegistry.ts";
import { integrityOf } from "../support/signedPackage.ts";

/** Packages a and @scope/b, which a needs, and a project that has them locked. */
async function project(isAddressed: boolean) {
  const archives = {
    a: await archiveOf({
      "package/package.json": JSON.stringify({ name: "a", version: "1.0.0", dependencies: { "@scope/b": "^2.0.0" } }),
      "package/index.js": 'module.exports = "a with " + require("@scope/b");',
    }),
    "@scope/b": await archiveOf({
      "package/package.json": JSON.stringify({ name: "@scope/b", version: "2.1.0" }),
      "package/index.js": 'module.exports = "b";',
    }),
  };
  const paths = { a: "/a/-/a-1.0.0.tgz", "@scope/b": "/@scope/b/-/b-2.1.0.tgz" };
  const locked = (name: "a" | "@scope/b", version: string) => ({
    version,
    ...(isAddressed && { resolved: `https://registry.npmjs.org${paths[name]}` }),
    integrity: integrityOf(archives[name]),
  });
  const packageJson = { name: "project", version: "1.0.0", dependencies: { a: "^1.0.0" } };
  const lock = {
    ...{ name: "project", version: "1.0.0", lockfileVersion: 3, requires: true },
    packages: {
      "": packageJson,
      "node_modules/a": { ...locked("a", "1.0.0"), dependencies: { "@scope/b": "^2.0.0" } },
      "node_modules/@scope/b": locked("@scope/b", "2.1.0"),
      "node_modules/for-windows": {
        ...{ version: "1.0.0", optional: true, os: ["win32"], integrity: integrityOf(Buffer.from("none")) },
      },
    },
  };
  const answers = new Map([
    [paths.a, archives.a],
    [paths["@scope/b"], archives["@scope/b"]],
  ]);
  return { answers, packageJson: JSON.stringify(packageJson), lock: JSON.stringify(lock) };
}

describe("the cache that npm finds", () => {
  it.each([
    ["says where its packages are", true],
    ["does not say where its packages are", false],
  ])("is enough for npm ci --offline with a lock that %s", async (_, isAddressed) => {
    const { answers, packageJson, lock } = await project(isAddressed);
    await using registry = await startLocalRegistry(answers);
    const { entries, layer } = await lockedLayer({ "package-lock.json": lock }, { npm: registry.url });
    expect(registry.asked.toSorted()).toEqual(["/@scope/b/-/b-2.1.0.tgz", "/a/-/a-1.0.0.tgz"]);
    expect(entries.map(({ urls }) => urls)).toEqual([
      ["https://registry.npmjs.org/a/-/a-1.0.0.tgz"],
      ["https://registry.npmjs.org/@scope/b/-/b-2.1.0.tgz"],
    ]);
    await using use = await layerInUse(layer);
    const folder = join(use.root, "w");
    await mkdir(folder);
    await writeFile(join(folder, "package.json"), packageJson);
    await writeFile(join(folder, "package-lock.json"), lock);
    await use.run("npm", ["ci", "--offline"], folder);
    expect(await use.run("node", ["-p", 'require("a")'], folder)).toBe("a with b\n");
    expect(await readFile(join(folder, "package-lock.json"), "utf8")).toBe(lock);
  });
});
