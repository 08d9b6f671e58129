import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { quote, unquote } from "../../src/core/shellQuoting.ts";
import type { BuildDescription } from "../../src/guest/buildDescription.ts";
import { decodeInput, encodeInput, encodeInputDrive, encodeSource } from "../../src/guest/inputDrive.ts";
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
  outputs: ["a.out"],
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

const paths = someText.filter((text) => text !== "/" && !text.split("/").includes(".."));

const descriptions: fc.Arbitrary<BuildDescription> = fc.record({
  command: someText,
  outputs: fc.uniqueArray(paths, { maxLength: 3 }),
  variables: fc.dictionary(fc.stringMatching(/^[A-Z_a-z][A-Z_a-z0-9]{3,9}$/), anyText, {
    maxKeys: 4,
    noNullPrototype: true,
  }),
  tickLimit: fc.bigInt({ min: 1n, max: 2n ** 40n }),
  sourceDateEpoch: fc.bigInt({ min: 0n, max: 2n ** 33n - 1n }),
});

/** The description's part of an input drive. */
function textOf(input: Uint8Array): string {
  const length = new DataView(input.buffer).getUint32(12, true);
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(input.subarray(64, 64 + length));
}

describe("input drive", () => {
  it("has the layout its description states", () => {
    const variables = { B: "it's", A: "" };
    const more = { variables, outputs: ["a.out", "doc"], reports: ["**/*.xml"], user: "build" } as const;
    const input = encodeInput({ ...plain, ...more }, tree, capacity, 77);
    const view = new DataView(input.buffer);
    const source = encodeSource(tree, "build");
    expect(Buffer.from(input.subarray(0, 8)).toString()).toBe("ASSAYBLD");
    expect([view.getUint32(8, true), view.getBigUint64(16, true), view.getBigUint64(24, true)]).toEqual([2, 100n, 5n]);
    expect([view.getBigUint64(32, true), view.getBigUint64(40, true)]).toEqual([BigInt(source.length), 77n]);
    expect(input.subarray(4096)).toEqual(source);
    expect(textOf(input)).toBe(
      "command='cc a.c'\noutput='a.out'\noutput='doc'\nreport='**/*.xml'\nuser='build'\nexport A=''\nexport B='it'\\''s'\n",
    );
    expect(input.subarray(48, 64)).toEqual(new Uint8Array(16));
  });

  it("is read back as it was written, also when it fills its drive with zeros", () => {
    fc.assert(
      fc.property(descriptions, fc.nat(2 ** 30), (description, dependenciesSize) => {
        const input = encodeInput(description, tree, capacity, dependenciesSize);
        const drive = new Uint8Array(capacity);
        drive.set(input);
        for (const bytes of [input, drive]) {
          expect(decodeInput(bytes)).toEqual({ description, source: input.subarray(4096), dependenciesSize });
        }
      }),
      { seed, numRuns: 300 },
    );
  });

  it("does not depend on the order of the variables", () => {
    const one = encodeInput({ ...plain, variables: { A: "1", B: "2" } }, tree, capacity);
    expect(encodeInput({ ...plain, variables: { B: "2", A: "1" } }, tree, capacity)).toEqual(one);
  });

  it("accepts no drive that differs from what it would write", () => {
    const good = encodeInput({ ...plain, variables: { A: "x" } }, tree, capacity);
    // The image is not looked into: it is whatever its length says.
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
        expect(encodeInputDrive(read, capacity)).toEqual(bad);
      }),
      { seed, numRuns: 500 },
    );
  });

  it.each([
    ["an empty command", { command: "" }],
    ["a zero byte in the command", { command: "a\0b" }],
    ["half a character", { command: "\ud800" }],
    ["an empty output path", { outputs: [""] }],
    ["an output above the source", { outputs: ["a/../../b"] }],
    ["an output named twice", { outputs: ["a", "a"] }],
    ["reports outside of the source", { reports: ["/tmp/*.xml"] }],
    ["a user that is not there", { user: "nobody" as "build" }],
    ["a variable without a name", { variables: { "": "x" } }],
    ["a name that ends a shell's word", { variables: { "A;B": "x" } }],
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
    const size = encodeSource(tree).length;
    expect(() => encodeInput(plain, tree, 4096 + size - 1)).toThrowError(
      expect.objectContaining({ code: "guest/source-too-large", details: { given: size, limit: size - 1 } }),
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
