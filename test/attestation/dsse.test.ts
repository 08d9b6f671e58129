import { describe, expect, it } from "vitest";
import {
  type Envelope,
  formatEnvelope,
  parseEnvelope,
  signedBytes,
  signersOf,
  signPayload,
} from "../../src/attestation/dsse.ts";
import { type KeyId, signerOf } from "../../src/attestation/keys.ts";
import { Random } from "../support/random.ts";
import { seed } from "../support/seed.ts";

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const bytes = (given: string) => new TextEncoder().encode(given);
const signer = (number: number) => signerOf(new Uint8Array(32).fill(number));
const malformed = expect.objectContaining({ code: "attestation/malformed" });

describe("DSSE", () => {
  it("signs the encoding of the specification's example", () => {
    expect(text(signedBytes("http://example.com/HelloWorld", bytes("hello world")))).toBe(
      "DSSEv1 29 http://example.com/HelloWorld 11 hello world",
    );
  });

  it("counts lengths in bytes", () => {
    expect(text(signedBytes("é", bytes("ü ")))).toBe("DSSEv1 2 é 3 ü ");
  });

  it("comes back as it was written", async () => {
    const envelope = await signPayload(signer(1), "a/type", bytes("payload"));
    expect(parseEnvelope(formatEnvelope(envelope))).toEqual(envelope);
    expect(formatEnvelope(parseEnvelope(formatEnvelope(envelope)))).toBe(formatEnvelope(envelope));
  });

  it("reads URL-safe and unpadded base64", async () => {
    const envelope = await signPayload(signer(1), "a/type", Uint8Array.of(0xfb, 0xff, 0xfe, 0x3e));
    const loose = formatEnvelope(envelope)
      .replaceAll("+", "-")
      .replaceAll("/", "_")
      .replaceAll("=", "")
      .replace("a_type", "a/type");
    expect(parseEnvelope(loose)).toEqual(envelope);
  });

  it("names those of the given keys that have signed, each once, whatever the key hints say", async () => {
    const [a, b, c] = [signer(1), signer(2), signer(3)];
    const one = await signPayload(a, "t", bytes("x"));
    const two = await signPayload(b, "t", bytes("x"));
    const [first, second] = [one.signatures[0]!, two.signatures[0]!];
    const both: Envelope = { ...one, signatures: [first, { ...second, keyHint: c.keyId }, first] };
    expect(signersOf(both, [c.keyId, b.keyId, a.keyId, a.keyId])).toEqual([b.keyId, a.keyId]);
    expect(signersOf(both, [c.keyId])).toEqual([]);
  });

  it("is not signed any more when any bit of type, payload or signature is another", async () => {
    const random = new Random(seed);
    const { keyId } = signer(1);
    const envelope = await signPayload(signer(1), "application/json", bytes('{"a":1}'));
    for (let i = 0; i < 60; i++) {
      const payload = envelope.payload.slice();
      const signature = envelope.signatures[0]!.signature.slice();
      const flip = (in_: Uint8Array) => {
        in_[random.below(in_.length)]! ^= 1 << random.below(8);
      };
      flip(i % 2 === 0 ? payload : signature);
      expect(signersOf({ ...envelope, payload, signatures: [{ keyHint: keyId, signature }] }, [keyId])).toEqual([]);
    }
    expect(signersOf({ ...envelope, payloadType: "application/jsoN" }, [keyId])).toEqual([]);
    expect(signersOf(envelope, ["did:key:z6Mknonsense" as KeyId])).toEqual([]);
  });

  const good = { payload: "YQ==", payloadType: "t", signatures: [{ keyid: "k", sig: "YQ==" }] };
  it.each<[string, string]>([
    ["text that is not JSON", "{"],
    ["a name twice", '{"payload":"YQ==","payload":"Yg==","payloadType":"t","signatures":[{"sig":"YQ=="}]}'],
    [
      "a name twice, once escaped",
      '{"payload":"YQ==","pa\\u0079load":"Yg==","payloadType":"t","signatures":[{"sig":"YQ=="}]}',
    ],
    ["no signature", JSON.stringify({ ...good, signatures: [] })],
    ["many signatures", JSON.stringify({ ...good, signatures: Array(65).fill(good.signatures[0]) })],
    ["a payload that is not base64", JSON.stringify({ ...good, payload: "Y Q==" })],
    ["base64 with bits that say nothing", JSON.stringify({ ...good, payload: "YR==" })],
    ["mixed alphabets", JSON.stringify({ ...good, payload: "-_+/" })],
    ["no payload type", JSON.stringify({ ...good, payloadType: "" })],
    ["a list", "[]"],
    ["null", "null"],
    ["deep nesting", `{"x":${"[".repeat(5000)}${"]".repeat(5000)}}`],
  ])("refuses %s", (_, given) => {
    expect(() => parseEnvelope(given)).toThrow(malformed);
  });

  it("refuses what is larger than an envelope may be, before it is read", () => {
    expect(() => parseEnvelope(" ".repeat(2 ** 22 + 1))).toThrow(
      expect.objectContaining({ code: "attestation/too-large" }),
    );
  });

  it("takes names that only look as if they were twice", () => {
    const value = { ...good, extra: { payload: 'a "payload": b', "a:b": ["x", ":"], "": { payload: 1 } } };
    expect(parseEnvelope(JSON.stringify(value, null, 1)).payloadType).toBe("t");
  });
});
