import { describe, expect, it } from "vitest";
import { startLocalRegistry } from "../support/localRegistry.ts";
import { lockedLayer } from "../support/lockedProject.ts";
import { sha256 } from "../support/signedPackage.ts";

const bytes = Buffer.from("!<arch>\n");
const path = "pool/main/h/hello/hello_1.0+b1~rc1-1_riscv64.deb";
const listed = { name: "hello", version: "1:1.0+b1~rc1-1", path, sha256: sha256(bytes) };

async function layerOfList(list: unknown) {
  await using mirror = await startLocalRegistry(new Map([[`/debian/${path}`, bytes]]));
  return await lockedLayer({ "debian-packages.json": JSON.stringify(list) }, { debian: `${mirror.url}/debian` });
}

describe("the Debian packages of a list", () => {
  it("are there as they are, whether the list stands alone or in the lock of an environment", async () => {
    const { layer, entries } = await layerOfList([listed]);
    expect(layer.map(({ path }) => path)).toEqual(["deps/debian/hello_1.0+b1~rc1-1_riscv64.deb", "deps/environment"]);
    expect(entries).toMatchObject([{ name: "hello", urls: [`https://deb.debian.org/debian/${path}`] }]);
    const dated = await layerOfList({ version: 1, snapshot: "20261130T120000Z", debian: [listed] });
    const snapshot = `https://snapshot.debian.org/archive/debian/20261130T120000Z/${path}`;
    expect(dated.entries[0]!.urls).toEqual([`https://deb.debian.org/debian/${path}`, snapshot]);
  });

  it.each([
    ["climbs out", { path: "pool/../../secret.deb" }],
    ["is an address", { path: "https://example.org/a.deb" }],
    ["is no package", { path: "pool/main/h/hello/hello.tar" }],
    ["has no digest", { sha256: undefined }],
  ])("are refused where a path %s", async (_, change) => {
    const refusal = layerOfList([{ ...listed, ...change }]);
    await expect(refusal).rejects.toMatchObject({ code: "dependencies/bad-lock" });
  });

  it("are refused where a mirror has others", async () => {
    const refusal = layerOfList([{ ...listed, sha256: "00".repeat(32) }]);
    await expect(refusal).rejects.toMatchObject({ code: "dependencies/other-content" });
  });
});
