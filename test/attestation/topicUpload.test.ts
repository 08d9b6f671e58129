import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { attestationServer, pathOf, type Topic } from "../../src/attestation/board.ts";
import { formatEnvelope, signPayload } from "../../src/attestation/dsse.ts";
import { signerOf } from "../../src/attestation/keys.ts";
import { attestationFolder } from "../../src/attestation/node/attestationFolder.ts";
import { publishedContents } from "../../src/attestation/node/publishedContents.ts";
import { topicUpload } from "../../src/attestation/node/topicUpload.ts";
import { postEnvelope } from "../../src/attestation/publish.ts";
import { type StoreServer, serveStore } from "../../src/store/node/storeServer.ts";
import { addToken } from "../../src/store/node/storeTokens.ts";

const topic: Topic = { algorithm: "sha256", digest: "ab".repeat(32) };
const signer = signerOf(new Uint8Array(32).fill(7));
const envelopeOf = async (text: string) =>
  await signPayload(signer, "application/vnd.in-toto+json", new TextEncoder().encode(text));

let folder: string;
let token: string;
let server: StoreServer;
beforeEach(async () => {
  const base = await mkdtemp(join(tmpdir(), "assay-topics-"));
  folder = join(base, "store");
  token = await addToken(join(base, "tokens.json"), "agent", 2 ** 30);
  server = await serveStore({
    ...{ folder, host: "127.0.0.1", port: 0, fileAt: (path) => join(folder, path) },
    accept: { tokensFile: join(base, "tokens.json"), textAt: (path) => topicUpload(folder, path) },
  });
});
afterEach(async () => {
  await server.close();
  await rm(join(folder, ".."), { recursive: true, force: true });
});

async function post(body: string): Promise<[number, string]> {
  const headers = { authorization: `Bearer ${token}` };
  const response = await fetch(server.url + pathOf(topic), { method: "POST", body, headers });
  return [response.status, (await response.text()).trim()];
}

describe("signed results that are written to a server", () => {
  it("are found there by their topics, each once", async () => {
    const [one, two] = [await envelopeOf("one"), await envelopeOf("two")];
    for (const envelope of [one, two, one]) await postEnvelope(server.url, token, envelope, [topic]);
    const { envelopes, unknown } = await attestationServer(server.url).find(topic);
    expect([envelopes.map(formatEnvelope), unknown]).toEqual([[one, two].map(formatEnvelope), 0]);
  });

  it("need a token", async () => {
    await expect(postEnvelope(server.url, "none", await envelopeOf("x"), [topic])).rejects.toMatchObject({
      code: "store/not-taken-fault",
      details: { status: 401 },
    });
  });

  it.each([
    ["no JSON", "x"],
    ["no envelope", "{}"],
    ["two keys of one name", '{"payload":"","payload":"","payloadType":"a","signatures":[{"sig":""}]}'],
    ["no signature", '{"payload":"","payloadType":"a","signatures":[]}'],
  ])("are refused where they are %s", async (_, body) => {
    const [status, text] = await post(body);
    expect(status).toBe(422);
    expect(text).not.toBe("");
    expect((await attestationFolder(folder).find(topic)).envelopes).toEqual([]);
  });

  it("are refused where they are too large, or there are too many", async () => {
    expect((await post("x".repeat(2 ** 22 + 1)))[0]).toBe(413);
    // 0.7 MiB each, in base64: five of them in 4 MiB.
    const large = async (end: string) => await post(formatEnvelope(await envelopeOf("x".repeat(2 ** 19) + end)));
    for (const end of "12345") expect((await large(end))[0]).toBe(201);
    expect(await large("6")).toEqual([
      422,
      expect.stringMatching(/^there are \d+ bytes about this already, which is the most$/),
    ]);
  });
});

describe("the contents that signed results speak of", () => {
  it("are the sha256 of their topic and of every digest in them", async () => {
    const [log, artifact] = ["cd".repeat(32), "ef".repeat(32)];
    const statement = JSON.stringify({ subject: [{ digest: { sha256: artifact } }], log: `sha256:${log}` });
    await attestationFolder(folder).add(await envelopeOf(statement), [topic]);
    expect([...(await publishedContents(folder))].sort()).toEqual(
      [topic.digest, log, artifact].map((digits) => [digits, pathOf(topic)]),
    );
    expect(await publishedContents(join(folder, "none"))).toEqual(new Map());
  });
});
