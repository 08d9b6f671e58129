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
import { SignatureAllowance } from "../../src/attestation/signatureAllowance.ts";
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

  it("names those of the given keys that have signed, each once, in the order of the keys", async () => {
    const [a, b, c] = [signer(1), signer(2), signer(3)];
    const [one, two] = [await signPayload(a, "t", bytes("x")), await signPayload(b, "t", bytes("x"))];
    const [first, second] = [one.signatures[0]!, two.signatures[0]!];
    const both: Envelope = { ...one, signatures: [first, second, first] };
    expect(signersOf(both, [c.keyId, b.keyId, a.keyId, a.keyId])).toEqual([b.keyId, a.keyId]);
    expect(signersOf(both, [c.keyId])).toEqual([]);
  });

  const keys = Array.from({ length: 40 }, (_, i) => signer(i + 1).keyId);
  const hinted = async (keyHint: string, times = 1): Promise<Envelope> => {
    const envelope = await signPayload(signer(40), "t", bytes("x"));
    return { ...envelope, signatures: Array(times).fill({ ...envelope.signatures[0]!, keyHint }) };
  };
  it.each([
    ["names it", signer(40).keyId, 1],
    ["names the key of its document", `${signer(40).keyId}#${signer(40).keyId.slice(8)}`, 1],
    ["is another tool's", "SHA256:fingerprint", 40],
    ["is missing", "", 40],
  ])("tries a signature against the one key that its hint names, or all: a hint that %s", async (_, hint, checks) => {
    const limits = { checks, bytes: 2 ** 20 };
    const enough = new SignatureAllowance(limits);
    expect(signersOf(await hinted(hint), keys, enough)).toEqual([signer(40).keyId]);
    expect(enough.isExceeded).toBe(false);
    const little = new SignatureAllowance({ ...limits, checks: checks - 1 });
    expect(signersOf(await hinted(hint), keys, little)).toEqual([]);
    expect(little.isExceeded).toBe(true);
  });

  it("does not try what names a key that nobody asks for, however often, and believes no hint", async () => {
    const nothing = new SignatureAllowance({ checks: 0, bytes: 0 });
    expect(signersOf(await hinted(signer(41).keyId, 64), keys, nothing)).toEqual([]);
    expect(nothing.isExceeded).toBe(false);
    expect(signersOf(await hinted(signer(1).keyId), keys)).toEqual([]);
  });

  it("counts the bytes that are hashed", async () => {
    const envelope = await signPayload(signer(1), "t", new Uint8Array(1000));
    const allowance = new SignatureAllowance({ checks: 100, bytes: 2500 });
    const signed = () => signersOf(envelope, [signer(1).keyId], allowance).length;
    expect([signed(), signed(), signed()]).toEqual([1, 1, 0]);
    expect(allowance.isExceeded).toBe(true);
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
