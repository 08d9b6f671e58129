import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { wantedBy } from "../../src/dependencies/ecosystems.ts";
import { suitable } from "../../src/dependencies/python.ts";
import { startLocalRegistry } from "../support/localRegistry.ts";
import { layerInUse, lockedLayer } from "../support/lockedProject.ts";
import { sha256 } from "../support/signedPackage.ts";
import { zipOf } from "../support/zipArchive.ts";

const wheel = "locked_thing-1.2.0-py3-none-any.whl";

async function wheelOf(text: string): Promise<Buffer> {
  const info = "locked_thing-1.2.0.dist-info";
  const files = {
    "locked_thing.py": text,
    [`${info}/METADATA`]: "Metadata-Version: 2.1\nName: locked-thing\nVersion: 1.2.0\n",
    [`${info}/WHEEL`]: "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
  };
  const record = [...Object.keys(files), `${info}/RECORD`].map((name) => `${name},,\n`).join("");
  return zipOf({ ...files, [`${info}/RECORD`]: record });
}

const hasPip = (() => {
  try {
    execFileSync("python3", ["-m", "pip", "--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
})();

describe("the files that pip finds", () => {
  it.runIf(hasPip).each([
    ["JSON", (files: object[]) => JSON.stringify({ meta: { "api-version": "1.1" }, name: "locked-thing", files })],
    [
      "HTML",
      (files: { filename: string; url: string; hashes: { sha256: string } }[]) =>
        files.map((each) => `<a href="${each.url}#sha256=${each.hashes.sha256}">${each.filename}</a><br>\n`).join(""),
    ],
  ])("are enough for pip install --require-hashes, of an index in %s", async (_, format) => {
    const bytes = await wheelOf("number = 42\n");
    const other = "ff".repeat(32);
    const requirements = `# made by pip-compile\n-i https://example.org/simple\nLocked_Thing[extra]==1.2.0 \\\n    --hash=sha256:${other} \\\n    --hash=sha256:${sha256(bytes)}\n    # via project\n`;
    const files = [
      { filename: wheel, url: "../../files/thing", hashes: { sha256: sha256(bytes) } },
      { filename: "locked_thing-1.2.0-cp311-cp311-win_amd64.whl", url: "/files/win", hashes: { sha256: other } },
      { filename: "locked_thing-1.3.0-py3-none-any.whl", url: "/files/new", hashes: { sha256: "ee".repeat(32) } },
    ];
    await using registry = await startLocalRegistry(
      new Map<string, string | Buffer>([
        ["/simple/locked-thing/", format(files)],
        ["/files/thing", bytes],
      ]),
    );
    const { layer } = await lockedLayer({ "requirements.txt": requirements }, { python: `${registry.url}/simple` });
    await using use = await layerInUse([
      ...layer,
      {
        path: "w/requirements.txt",
        kind: "file",
        content: new TextEncoder().encode(requirements.replace("[extra]", "")),
      },
    ]);
    const install = [
      "-m",
      "pip",
      "install",
      "--quiet",
      "--require-hashes",
      "--target",
      "site",
      "-r",
      "requirements.txt",
    ];
    await use.run("python3", install, `${use.root}/w`, { PIP_CONFIG_FILE: "/dev/null" });
    const shown = await use.run(
      "python3",
      ["-c", "import locked_thing; print(locked_thing.number)"],
      `${use.root}/w/site`,
    );
    expect(shown).toBe("42\n");
  });
});

describe("the file of requirements", () => {
  const hash = `--hash=sha256:${"00".repeat(32)}`;
  const parse = (text: string) => wantedBy(new Map([["requirements.txt", new TextEncoder().encode(text)]]));

  it("is read with its conditions and comments", () => {
    const text = `a==1.0 ; python_version < "3.8" ${hash} # old\nb==2.0 ${hash}\n--only-binary :all:\n`;
    expect(parse(text)).toMatchObject([
      { name: "a", version: "1.0", isConditional: true },
      { name: "b", version: "2.0", isConditional: false },
    ]);
  });

  it.each([
    ["has no hash", "a==1.0\n", /generate-hashes/],
    ["has no version", `a>=1.0 ${hash}\n`, /is not a name/],
    ["has a hash that is none", `a==1.0 --hash=sha256:xyz\n`, /is not a hash/],
    ["names another file", `-r other.txt\n`, /is not a name/],
    ["names an address", `a @ https://example.org/a.whl ${hash}\n`, /is not a name/],
  ])("is refused where it %s", (_, text, why) => {
    expect(() => parse(text)).toThrow(why);
  });

  it.each([
    [["a-1-py3-none-any.whl", "a-1.tar.gz"], ["a-1-py3-none-any.whl"]],
    [
      ["a-1-cp313-cp313-manylinux_2_39_riscv64.whl", "a-1-cp313-cp313-macosx_11_0_arm64.whl"],
      ["a-1-cp313-cp313-manylinux_2_39_riscv64.whl"],
    ],
    [["a-1-cp313-cp313-win_amd64.whl", "a-1.tar.gz"], ["a-1.tar.gz"]],
    [["a-1-py2-none-any.whl", "../a-1.tar.gz"], []],
  ])("takes of %j what suits the guest: %j", (files, taken) => {
    expect(suitable(files.map((file) => ({ file }))).map(({ file }) => file)).toEqual(taken);
  });
});
