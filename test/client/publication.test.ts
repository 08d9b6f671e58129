import { describe, expect, it } from "vitest";
import { type BuildPublication, fetchPublication, maxPublicationBytes, publish } from "../../src/client/publication.ts";
import { contentIdOf } from "../../src/store/contentId.ts";
import { memoryStore } from "../../src/store/store.ts";

const input = contentIdOf(new Uint8Array(8));
const build: BuildPublication = {
  kind: "assay-build",
  version: 1,
  environment: { name: "releaseTarball", id: `0x${"ab".repeat(32)}` },
  input: { id: input, size: 8 },
};
const text = (value: unknown) => new TextEncoder().encode(typeof value === "string" ? value : JSON.stringify(value));

describe("a publication", () => {
  it("comes back as it was published", async () => {
    const store = memoryStore();
    const claim = { kind: "assay-claim", version: 1, build, checkpoints: input } as const;
    expect(await fetchPublication(store, await publish(store, claim))).toEqual(claim);
  });

  it("comes back with the dependencies of its build", async () => {
    const store = memoryStore();
    const withDependencies = { ...build, dependencies: { id: input, size: 4096 } };
    const fetched = await fetchPublication(store, await publish(store, withDependencies));
    expect(fetched.build).toEqual(withDependencies);
  });

  it("of a build is one of a claim without checkpoints", async () => {
    const store = memoryStore();
    const fetched = await fetchPublication(store, await publish(store, build));
    expect(fetched).toEqual({ kind: "assay-claim", version: 1, build });
  });

  it.each([
    ["no JSON", "{"],
    ["no object", "null"],
    ["another version", { kind: "assay-claim", version: 2, build }],
    ["a path for a name", { ...build, environment: { ...build.environment, name: "../../etc/passwd" } }],
    ["a path for an id", { ...build, input: { id: "sha256:../..", size: 8 } }],
    ["a negative size", { ...build, input: { id: input, size: -1 } }],
    ["a huge size", { ...build, input: { id: input, size: 1e15 } }],
    ["dependencies at a path", { ...build, dependencies: { id: "sha256:../..", size: 8 } }],
    ["dependencies of a huge size", { ...build, dependencies: { id: input, size: 1e15 } }],
  ])("is refused when it is %s", async (_, content) => {
    const store = memoryStore();
    const locator = await store.put(text(content));
    await expect(fetchPublication(store, locator)).rejects.toMatchObject({ code: "client/bad-publication" });
  });

  it("is refused when it is too large, before it is read", async () => {
    const store = memoryStore();
    const locator = await store.put(new Uint8Array(maxPublicationBytes + 1));
    await expect(fetchPublication(store, locator)).rejects.toMatchObject({ code: "store/too-large" });
  });

  it.each(["", "http://example.org/x", "sha256:zz"])("is not looked for at %j", async (locator) => {
    await expect(fetchPublication(memoryStore(), locator)).rejects.toMatchObject({ code: "store/bad-id" });
  });
});
