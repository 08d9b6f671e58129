import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type BuildDescription,
  decodeInput,
  encodeInput,
  encodeInputArchive,
} from "../../src/guest/buildDescription.ts";
import { quote, unquote } from "../../src/guest/shellQuoting.ts";
import type { SourceTree } from "../../src/source/source.ts";
import { seed } from "../support/seed.ts";

const capacity = 2 ** 16;
const tree: SourceTree = {
  name: "source",
  time: 5,
  entries: [{ path: "a", kind: "file", content: new Uint8Array([1, 2, 3]) }],
};
const plain: BuildDescription = {
  command: "cc a.c",
  output: "a.out",
  variables: {},
  tickLimit: 100n,
  sourceDateEpoch: 5n,
};

/** Every text without zero bytes, those that a shell could take for something else often. */
const anyText = fc
  .array(
    fc.oneof(
      fc.string({ unit: "grapheme", minLength: 1 }),
      fc.constantFrom("'", "''", "\\", "\n", "$", "`", '"', "$(x)", "'\\''", "\r", "#", " ", "export A='", "\t"),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join("").replaceAll("\0", ""));
const someText = anyText.filter((text) => text !== "");

const descriptions: fc.Arbitrary<BuildDescription> = fc.record({
  command: someText,
  output: someText,
  variables: fc.dictionary(fc.stringMatching(/^[A-Z_a-z][A-Z_a-z0-9]{3,9}$/), anyText, {
    maxKeys: 4,
    noNullPrototype: true,
  }),
  tickLimit: fc.bigInt({ min: 1n, max: 2n ** 40n }),
  sourceDateEpoch: fc.bigInt({ min: 0n, max: 2n ** 33n - 1n }),
});

/** What a shell makes of a fragment: the values of these variables, each followed by a zero byte. */
function shellValues(fragment: string, names: readonly string[]): string[] {
  const script = `${fragment}\nprintf '%s\\0' ${names.map((name) => `"$${name}"`).join(" ")}`;
  return execFileSync("/bin/sh", ["-c", script], { env: { LC_ALL: "C.UTF-8" } })
    .toString()
    .split("\0")
    .slice(0, -1);
}

/** The description's part of an input drive. */
function fragmentOf(input: Uint8Array): string {
  const length = new DataView(input.buffer).getUint32(12, true);
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(input.subarray(64, 64 + length));
}

describe("input drive", () => {
  it("has the layout its description states", () => {
    const variables = { B: "it's", A: "" };
    const input = encodeInput({ ...plain, variables }, tree, capacity);
    const view = new DataView(input.buffer);
    expect(Buffer.from(input.subarray(0, 8)).toString()).toBe("ASSAYBLD");
    expect([view.getUint32(8, true), view.getBigUint64(16, true), view.getBigUint64(24, true)]).toEqual([1, 100n, 5n]);
    expect(view.getBigUint64(32, true)).toBe(2048n);
    expect(input.length).toBe(4096 + 2048);
    expect(fragmentOf(input)).toBe("command='cc a.c'\noutput='a.out'\nexport A=''\nexport B='it'\\''s'\n");
    expect(input.subarray(40, 64)).toEqual(new Uint8Array(24));
  });

  it("is read back as it was written, also when it fills its drive with zeros", () => {
    fc.assert(
      fc.property(descriptions, (description) => {
        const input = encodeInput(description, tree, capacity);
        const drive = new Uint8Array(capacity);
        drive.set(input);
        for (const bytes of [input, drive]) {
          const { description: read, archive } = decodeInput(bytes);
          expect(read).toEqual(description);
          expect(archive).toEqual(input.subarray(4096));
        }
      }),
      { seed, numRuns: 300 },
    );
  });

  it("says to a shell what it says to its reader", () => {
    fc.assert(
      fc.property(descriptions, (description) => {
        const names = Object.keys(description.variables);
        fc.pre(names.every((name) => !/^(PATH|HOME|PPID|BASH.*|PWD|OLDPWD|OPTIND|LINENO)$/.test(name)));
        const fragment = fragmentOf(encodeInput(description, tree, capacity));
        expect(shellValues(fragment, ["command", "output", ...names])).toEqual([
          description.command,
          description.output,
          ...Object.values(description.variables),
        ]);
      }),
      { seed, numRuns: 60 },
    );
  });

  it("does not depend on the order of the variables", () => {
    const one = encodeInput({ ...plain, variables: { A: "1", B: "2" } }, tree, capacity);
    expect(encodeInput({ ...plain, variables: { B: "2", A: "1" } }, tree, capacity)).toEqual(one);
  });

  it("accepts no drive that differs from what it would write", () => {
    const good = encodeInput({ ...plain, variables: { A: "x" } }, tree, capacity);
    // The archive is not looked into: it is whatever its length says.
    fc.assert(
      fc.property(fc.nat(4095), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const bad = good.slice();
        bad[at]! ^= change;
        let read: ReturnType<typeof decodeInput>;
        try {
          read = decodeInput(bad);
        } catch (error) {
          expect(error).toMatchObject({ code: "guest/malformed-input" });
          return;
        }
        expect(encodeInputArchive(read, capacity)).toEqual(bad);
      }),
      { seed, numRuns: 500 },
    );
  });

  it.each([
    ["an empty command", { command: "" }],
    ["a zero byte in the command", { command: "a\0b" }],
    ["half a character", { command: "\ud800" }],
    ["an empty output path", { output: "" }],
    ["a variable without a name", { variables: { "": "x" } }],
    ["a name that ends a shell's word", { variables: { "A;B": "x" } }],
    ["a name the fragment uses", { variables: { command: "x" } }],
    ["a time set twice", { variables: { SOURCE_DATE_EPOCH: "1" } }],
    ["no limit", { tickLimit: 0n }],
    ["a limit beyond the machine's", { tickLimit: 2n ** 40n + 1n }],
    ["a time before 1970", { sourceDateEpoch: -1n }],
  ])("refuses %s", (_, change) => {
    expect(() => encodeInput({ ...plain, ...change }, tree, capacity)).toThrowError(
      expect.objectContaining({ code: "guest/bad-description" }),
    );
  });

  it("refuses a description beyond its page and says where else the command can be", () => {
    expect(() => encodeInput({ ...plain, command: "x".repeat(4010) }, tree, capacity)).toThrowError(
      expect.objectContaining({
        code: "guest/description-too-long",
        details: { given: 4010 + 26, limit: 4032 },
        message: expect.stringContaining("script in the source"),
      }),
    );
  });

  it("refuses a source that does not fit", () => {
    expect(() => encodeInput(plain, tree, 4096 + 2047)).toThrowError(
      expect.objectContaining({ code: "guest/source-too-large", details: { given: 2048, limit: 2047 } }),
    );
  });
});

describe("shell quoting", () => {
  it("is undone by unquoting, whatever follows", () => {
    fc.assert(
      fc.property(anyText, fc.constantFrom("", "\n", "\nexport B='x'"), (text, rest) => {
        expect(unquote(quote(text) + rest)).toEqual({ text, rest });
      }),
      { seed, numRuns: 500 },
    );
  });

  it("takes nothing for a word that is not quoted", () => {
    expect([unquote("abc"), unquote("'abc"), unquote("")]).toEqual([undefined, undefined, undefined]);
  });
});
