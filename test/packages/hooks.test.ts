import { describe, expect, it } from "vitest";
import { parseAptList } from "../../src/packages/aptHook.ts";
import { faultOfCargo, faultOfNpm, npmSpecOf } from "../../src/packages/guardedCommand.ts";
import { parseNpmLock } from "../../src/packages/npmLock.ts";

describe("what apt tells before it installs", () => {
  const hello = { name: "hello", version: "1:1.0", file: "/var/cache/apt/archives/hello a_1%3a1.0_all.deb" };

  it("names archives in each version of its protocol, and passes over what needs none", () => {
    expect(parseAptList(`${hello.file}\n`)).toEqual([{ ...hello, name: "hello a", version: "1%3a1.0" }]);
    const two = `hello - < 1:1.0 ${hello.file}\ngone 1.0 > - **REMOVE**\nhello - < 1:1.0 **CONFIGURE**\n`;
    expect(parseAptList(`VERSION 2\nAPT::Architecture=amd64\n\n${two}`)).toEqual([hello]);
    const three = `hello - - none < 1:1.0 all none ${hello.file}\ngone 1.0 all none > - - none **REMOVE**\n`;
    expect(parseAptList(`VERSION 3\nAPT::Architecture=amd64\n\n${three}`)).toEqual([hello]);
    expect(parseAptList("")).toEqual([]);
  });

  it.each([
    ["is of a version that nobody knows", "VERSION 4\n\n", /version is "4"/],
    ["has no list", "VERSION 3\nAPT=1\n", /no end/],
    ["is cut off", "VERSION 3\n\nhello - - none < 1 all none /a.deb", /ends within a line/],
    ["has too few columns", "VERSION 3\n\nhello - < 1 /a.deb\n", /is not what is done/],
    ["names a file without its folder", "VERSION 3\n\nhello - - none < 1 all none a.deb\n", /not a path/],
    ["names an option", "--policy=other\n", /not a path/],
  ])("is refused where it %s", (_, text, why) => {
    expect(() => parseAptList(text)).toThrow(why);
  });
});

describe("a command that is run after the decision", () => {
  it.each([["ci"], ["ci", "--omit=dev", "--ignore-scripts"]])("is npm %s %s", (...args) => {
    expect(faultOfNpm(args.filter((each) => each !== undefined))).toBeUndefined();
  });

  it.each([
    ["install"],
    ["ci", "--prefix=elsewhere"],
    ["ci", "--pref", "elsewhere"],
    ["ci", "left-pad"],
    ["ci", "--os=aix"],
    [],
  ])("is not npm %s %s", (...args) => {
    expect(faultOfNpm(args)).toBeDefined();
  });

  it.each([["build --locked"], ["+nightly test --frozen -- --config"]])("is cargo %s", (args) => {
    expect(faultOfCargo(args.split(" "))).toBeUndefined();
  });

  it.each([
    ["build"],
    ["install --locked x"],
    ["build --locked --manifest-path=x"],
    ["-C x build --locked"],
    ["run -- --locked"],
  ])("is not cargo %s", (args) => {
    expect(faultOfCargo(args.split(" "))).toBeDefined();
  });
});

describe("a package that npm fetches", () => {
  it.each([
    ["@scope/a", "1.0.0", undefined, "@scope/a@1.0.0"],
    ["a", "1.0.0", "https://registry.example/a/-/a-1.0.0.tgz", "a@1.0.0"],
    ["a", "1.0.0", "https://example.org/a.tgz", "https://example.org/a.tgz"],
    ["--globalconfig=x", "1.0.0", undefined, undefined],
    ["../folder", "1.0.0", undefined, undefined],
    ["a", "file:../folder", undefined, undefined],
    ["a", "1.0.0", "git+ssh://git@example.org/a.git", undefined],
    ["a", "1.0.0", "file:a.tgz", undefined],
  ])("%s %s from %s is asked for as %s", (name, version, from, spec) => {
    expect(npmSpecOf({ name, version, from, digest: undefined })).toBe(spec);
  });

  it("is not one that is optional and for other platforms", () => {
    const entry = (fields: object) => ({ version: "1.0.0", optional: true, ...fields });
    const packages = {
      "node_modules/here": entry({ os: ["linux"], cpu: ["x64"], libc: ["glibc"] }),
      "node_modules/elsewhere": entry({ os: ["darwin"] }),
      "node_modules/excluded": entry({ cpu: ["!x64"] }),
      "node_modules/otherLibc": entry({ libc: "musl" }),
      "node_modules/required": { version: "1.0.0", os: ["darwin"] },
    };
    const platform = { os: "linux", cpu: "x64", libc: "glibc" };
    const names = parseNpmLock(JSON.stringify({ lockfileVersion: 3, packages }), "package-lock.json", platform);
    expect(names.map(({ name }) => name)).toEqual(["here", "required"]);
  });
});
