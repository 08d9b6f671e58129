import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { compareContents } from "../../src/diff/compareContents.ts";
import { decompressStream } from "../../src/diff/decompress.ts";
import { defaultDiffLimits } from "../../src/diff/limits.ts";
import { decompressNatively } from "../../src/diff/node/decompress.ts";
import { type ArchivedFile, elfOf, tarOf, zipOf } from "../support/archives.ts";

const bytes = (content: string | readonly number[]) => Buffer.from(content as string);
/** As Node decompresses and as browsers do: the answer is the same. */
const compare = async (first: Uint8Array, second: Uint8Array) => {
  const [here, there] = await Promise.all(
    [decompressNatively, decompressStream].map(
      async (decompress) => await compareContents("x", first, second, { decompress }),
    ),
  );
  expect(there).toEqual(here);
  return here!;
};
const found = async (first: Uint8Array, second: Uint8Array) => (await compare(first, second)).differences;
const files: readonly ArchivedFile[] = [
  { name: "a/README", content: "one\ntwo\nthree\n" },
  { name: "a/data.json", content: '{"name":"a","list":[1,{"deep":true}]}' },
  { name: "a/tool", content: Uint8Array.of(0, 1, 2, 3), mode: 0o755 },
];
/** The files with one of them changed. */
const withFile = (name: string, change: Partial<ArchivedFile>) =>
  files.map((file) => (file.name === name ? { ...file, ...change } : file));
const changes = {
  text: withFile("a/README", { content: "one\nTWO\nthree\n" }),
  json: withFile("a/data.json", { content: '{"name":"a","list":[1,{"deep":false}]}' }),
  mode: withFile("a/tool", { mode: 0o644 }),
};

describe("two contents", () => {
  it("that are the same have no differences, whatever they are", async () => {
    const content = bytes("{broken");
    expect(await compare(content, bytes("{broken"))).toEqual({ same: true, differences: [], notLookedInto: [] });
  });

  it("of text differ in a line", async () => {
    expect(await found(bytes("a\nb\nc\n"), bytes("a\nB\nc\n"))).toEqual([
      { path: "x", kind: "text", what: "line 2", first: "b", second: "B", offset: 2 },
    ]);
    expect(await found(bytes("a\n"), bytes("a\nmore"))).toMatchObject([{ what: "line 2", second: "more" }]);
    expect(await found(bytes(""), bytes("a"))).toMatchObject([{ what: "line 1", first: undefined, second: "a" }]);
  });

  it("of anything else differ in bytes, from an offset on", async () => {
    expect(await found(bytes([0, 1, 2, 3]), bytes([0, 9, 2, 8]))).toEqual([
      { path: "x", kind: "bytes", what: "2 of 4 bytes, from 1 on", first: "01 02 03", second: "09 02 08", offset: 1 },
    ]);
    expect(await found(bytes([0, 1]), bytes([0, 1, 7]))).toMatchObject([
      { what: "bytes, 2 and 3 of them, from 2 on", first: undefined, second: "07" },
    ]);
  });

  it("of JSON differ in values, named by their paths", async () => {
    const first = { a: 1, b: [1, { c: "x" }], "d e": null, gone: 0 };
    const second = { a: 1, b: [1, { c: "y" }, 3], "d e": {}, come: 1 };
    expect(await found(bytes(JSON.stringify(first)), bytes(JSON.stringify(second)))).toMatchObject([
      { kind: "value", what: "$.b[1].c", first: '"x"', second: '"y"' },
      { kind: "missing", what: "$.b[2]", second: "3" },
      { kind: "value", what: '$["d e"]', first: "null", second: "{}" },
      { kind: "missing", what: "$.gone", first: "0" },
      { kind: "missing", what: "$.come", second: "1" },
    ]);
    expect(await found(bytes('{"a":1}'), bytes('{"a": 1}'))).toMatchObject([{ kind: "text", what: "line 1" }]);
    expect(await found(bytes('{"__proto__":1}'), bytes('{"__proto__":2}'))).toMatchObject([{ what: "$.__proto__" }]);
    expect(await found(bytes("[section]\na=1"), bytes("[section]\na=2"))).toMatchObject([{ what: "line 2" }]);
  });

  it("of two kinds differ in that", async () => {
    expect(await found(gzipSync("a"), elfOf({ ".text": "a" }))).toMatchObject([
      { what: "kind of file", first: "gzip", second: "elf" },
    ]);
    expect(await found(bytes("{}"), bytes("plain"))).toMatchObject([{ kind: "text" }]);
  });

  it("of ELF differ in sections", async () => {
    const first = elfOf({ ".text": "code", ".data": "same", ".note": "a" });
    const second = elfOf({ ".text": "CODe", ".data": "same", ".comment": "b" });
    expect(await found(first, second)).toMatchObject([
      { path: "x!/.note", what: "only in the first" },
      { path: "x!/.comment", what: "only in the second" },
      { path: "x!/.text", kind: "text", offset: 0 },
      { path: "x!/.shstrtab", what: "size" },
      { path: "x!/.shstrtab", kind: "bytes" },
    ]);
  });
});

describe.each<[string, (list: readonly ArchivedFile[]) => Promise<Uint8Array>]>([
  ["tar", tarOf],
  ["gzipped tar", async (list) => gzipSync(await tarOf(list))],
  ["zip", async (list) => zipOf(list)],
  ["tar in a stored zip", async (list) => zipOf([{ name: "in.tar", content: await tarOf(list) }], 0)],
  ["gzipped zip in a tar", async (list) => await tarOf([{ name: "in.zip.gz", content: gzipSync(zipOf(list)) }])],
])("two archives: %s", (kind, archive) => {
  const within = kind.includes(" in a ");
  const path = (name: string) => expect.stringMatching(new RegExp(`^x!/${within ? "in\\.[a-z.]+!/" : ""}${name}$`));
  const compared = async (list: readonly ArchivedFile[]) =>
    (await found(await archive(files), await archive(list))).filter(({ path }) => path.includes("a/"));

  it("differ in the files that differ, and there in what differs", async () => {
    expect(await compared(changes.text)).toMatchObject([{ path: path("a/README"), what: "line 2", first: "two" }]);
    expect(await compared(changes.json)).toMatchObject([{ path: path("a/data.json"), what: "$.list[1].deep" }]);
    expect(await compared(changes.mode)).toMatchObject([{ path: path("a/tool"), what: "mode" }]);
  });

  it("differ in files that one has not", async () => {
    expect(await compared(files.slice(1))).toMatchObject([{ path: path("a/README"), what: "only in the first" }]);
    expect(await compared([...files, { name: "a/new", content: "" }])).toMatchObject([
      { path: path("a/new"), what: "only in the second" },
    ]);
  });
});

describe("two archives", () => {
  it("differ in the order of their files", async () => {
    expect(await found(await tarOf(files), await tarOf([...files].reverse()))).toEqual([
      { path: "x", kind: "order", what: "entry 1", first: "a/README", second: "a/tool" },
    ]);
  });

  it("differ in times, and in files of one name one after the other", async () => {
    const twice = [files[0]!, { ...files[0]!, content: "again", time: 5 }];
    expect(await found(await tarOf(twice), await tarOf([files[0]!, files[0]!]))).toMatchObject([
      { path: "x!/a/README (number 2)", what: "mtime", first: "1970-01-01T00:00:05.000Z" },
      { path: "x!/a/README (number 2)", what: "line 1" },
    ]);
  });

  it("differ only in how they are compressed", async () => {
    const text = "text ".repeat(1000);
    expect(await found(gzipSync(text, { level: 1 }), gzipSync(text, { level: 9 }))).toMatchObject([
      { path: "x", kind: "metadata", what: "gzip: level" },
    ]);
    const zips = [1, 9].map((level) => zipOf([{ name: "a", content: text }], level)) as [Buffer, Buffer];
    const differences = await found(...zips);
    expect(differences).toMatchObject([{ path: "x!/a", what: expect.stringMatching(/^as it is stored: /) }]);
  });

  it("are listed up to a number of differences, and that is said", async () => {
    const many = (text: string) => Array.from({ length: 30 }, (_, i) => ({ name: `${i}`, content: text }));
    const limits = { ...defaultDiffLimits, differences: 10 };
    const result = await compareContents("x", await tarOf(many("a")), await tarOf(many("b")), { limits });
    expect(result.differences).toHaveLength(10);
    expect(result.stopped).toBe("only 10 are listed");
  });
});
