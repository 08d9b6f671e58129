import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { startLocalRegistry } from "../support/localRegistry.ts";
import { layerInUse, lockedLayer } from "../support/lockedProject.ts";
import { zipOf } from "../support/zipArchive.ts";

const name = "example.org/Upper/locked";
const path = "/example.org/!upper/locked/@v/v1.2.0";
const mod = `module ${name}\n\ngo 1.18\n`;
const own = `${name}@v1.2.0/`;
const files = { [`${own}go.mod`]: mod, [`${own}locked.go`]: "package locked\n\nfunc Number() int { return 42 }\n" };

const goCommand = process.env.ASSAY_GO ?? "go";
const hasGo = (() => {
  try {
    execFileSync(goCommand, ["version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
})();

/** Computed as Go's documentation describes it, apart from the code under test. */
function h1(files: Readonly<Record<string, string>>): string {
  const sha256 = (text: string) => createHash("sha256").update(text);
  const lines = Object.keys(files)
    .sort()
    .map((each) => `${sha256(files[each]!).digest("hex")}  ${each}\n`);
  return `h1:${sha256(lines.join("")).digest("base64")}`;
}

function sumOf(zip: Readonly<Record<string, string>> = files): string {
  return `${name} v1.2.0 ${h1(zip)}\n${name} v1.2.0/go.mod ${h1({ "go.mod": mod })}\n`;
}

async function layerOfModule(zip: Readonly<Record<string, string>>, sum = sumOf(zip), module = mod) {
  await using registry = await startLocalRegistry(
    new Map<string, string | Buffer>([
      [`${path}.zip`, zipOf(zip)],
      [`${path}.mod`, module],
    ]),
  );
  return await lockedLayer({ "go.sum": sum }, { go: registry.url });
}

describe("the modules that Go finds", () => {
  it.runIf(hasGo)("are enough for go build, checked by go.sum", async () => {
    const { entries, layer } = await layerOfModule(files);
    expect(entries.map(({ urls: [url] }) => url).sort()).toEqual([
      `https://proxy.golang.org${path}.mod`,
      `https://proxy.golang.org${path}.zip`,
    ]);
    await using use = await layerInUse(layer);
    const folder = join(use.root, "w");
    await mkdir(folder);
    await writeFile(join(folder, "go.mod"), `module example.org/project\n\ngo 1.18\n\nrequire ${name} v1.2.0\n`);
    await writeFile(join(folder, "go.sum"), sumOf());
    const main = `package main\n\nimport "${name}"\n\nfunc main() { println(locked.Number()) }\n`;
    await writeFile(join(folder, "main.go"), main);
    const places = {
      GOPATH: join(use.root, "gopath"),
      GOCACHE: join(use.root, "gocache"),
      GOMODCACHE: join(use.root, "m"),
    };
    await use.run(goCommand, ["mod", "verify"], folder, places);
    await use.run(goCommand, ["build", "-o", "program", "."], folder, places);
    // Go takes away everybody's right to write there.
    await use.run("chmod", ["-R", "u+w", join(use.root, "m")], folder);
    await chmod(use.root, 0o755);
  });

  it.each([
    ["climbs out", { ...files, "../outside": "" }, /is not below/],
    ["climbs out by way of its folder", { ...files, [`${own}../../outside`]: "" }, /is not below/],
    ["is of another module", { "example.org/other@v1.0.0/go.mod": "" }, /is not below/],
  ])("are refused where an archive %s", async (_, zip, why) => {
    const refusal = layerOfModule(zip);
    await expect(refusal).rejects.toMatchObject({
      code: "dependencies/bad-archive",
      message: expect.stringMatching(why),
    });
  });

  it("are refused where a proxy has another go.mod, or another file in an archive", async () => {
    const other = { code: "dependencies/other-content" };
    await expect(layerOfModule(files, sumOf(), `${mod}\n`)).rejects.toMatchObject(other);
    await expect(layerOfModule({ ...files, [`${own}more.go`]: "" }, sumOf())).rejects.toMatchObject(other);
  });

  it.each([
    ["is cut off", `${name} v1.2.0\n`, /line 1 is not/],
    ["names a path", `../${name} v1.2.0 ${h1(files)}\n`, /not named so/],
    ["contradicts itself", `${sumOf()}${name} v1.2.0 ${h1({ a: "" })}\n`, /says otherwise/],
  ])("are refused where go.sum %s", async (_, sum, why) => {
    const refusal = layerOfModule(files, sum);
    await expect(refusal).rejects.toMatchObject({ code: "dependencies/bad-lock", message: expect.stringMatching(why) });
  });
});
