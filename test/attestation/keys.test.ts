import { createPublicKey, verify } from "node:crypto";
import { ed25519 } from "@noble/curves/ed25519";
import { sha512 } from "@noble/hashes/sha2.js";
import { describe, expect, it } from "vitest";
import { keyIdOf, publicKeyOf, signerOf, verifySignature } from "../../src/attestation/keys.ts";
import { concatBytes, fromHex, toHex } from "../../src/core/bytes.ts";

// The did:key specification's first vector, of the seed zero; RFC 8032, section 7.1, TEST 2.
const zero = "did:key:z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp";
const rfc = {
  secret: "0x4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
  key: "0x3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
  message: "0x72",
  signature:
    "0x92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
} as const;

describe("keys", () => {
  it("are written as did:key", () => {
    expect(signerOf(new Uint8Array(32)).keyId).toBe(zero);
    expect(keyIdOf(publicKeyOf(zero))).toBe(zero);
  });

  it("sign as RFC 8032 has it", async () => {
    const signer = signerOf(fromHex(rfc.secret));
    expect(toHex(publicKeyOf(signer.keyId))).toBe(rfc.key);
    expect(toHex(await signer.sign(fromHex(rfc.message)))).toBe(rfc.signature);
    expect(verifySignature(signer.keyId, fromHex(rfc.message), fromHex(rfc.signature))).toBe(true);
    expect(verifySignature(signer.keyId, fromHex("0x73"), fromHex(rfc.signature))).toBe(false);
  });

  it("does not take a signature whose scalar is above the group's order", () => {
    const order = 2n ** 252n + 27742317777372353535851937790883648493n;
    const signature = fromHex(rfc.signature);
    let scalar = order;
    for (let i = 0; i < 32; i++) scalar += BigInt(signature[32 + i]!) << BigInt(8 * i);
    for (let i = 0; i < 32; i++) signature[32 + i] = Number((scalar >> BigInt(8 * i)) & 0xffn);
    expect(verifySignature(keyIdOf(fromHex(rfc.key)), fromHex(rfc.message), signature)).toBe(false);
  });

  it("takes what is right by the equation with the cofactor alone, which OpenSSL refuses and a browser takes", () => {
    const { Fp, n } = ed25519.CURVE;
    const base = ed25519.ExtendedPoint.BASE;
    // A point of order 4, (sqrt(-1), 0), added to the key and not to the signature.
    const torsion = ed25519.ExtendedPoint.fromAffine({ x: Fp.sqrt(Fp.neg(Fp.ONE)), y: 0n });
    const secret = 5n;
    const key = base.multiply(secret).add(torsion).toRawBytes();
    const r = 7n;
    const point = base.multiply(r).toRawBytes();
    const number = (bytes: Uint8Array) => BigInt(toHex(bytes.slice().reverse()));
    const signed = (message: Uint8Array) => number(sha512(concatBytes(point, key, message))) % n;
    // One for which the point that was added does not vanish.
    const message = Array.from({ length: 64 }, (_, i) => Uint8Array.of(i)).find((text) => signed(text) % 4n !== 0n)!;
    const scalar = (r + signed(message) * secret) % n;
    const signature = concatBytes(point, fromHex(`0x${scalar.toString(16).padStart(64, "0")}`).reverse());
    const jwk = { kty: "OKP", crv: "Ed25519", x: Buffer.from(key).toString("base64url") };
    expect(verify(null, message, createPublicKey({ key: jwk, format: "jwk" }), signature)).toBe(false);
    expect(verifySignature(keyIdOf(key), message, signature)).toBe(true);
  });

  it.each([
    ["another method", "did:web:example.org"],
    ["no base58", "did:key:z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooW0"],
    ["a digit less", zero.slice(0, -1)],
    ["another kind of key", "did:key:zQ3shokFTS3brHcDQrn82RUDfCZESWL1ZdCEJwekUDPQiYBme"],
    ["a point of small order", keyIdOf(Uint8Array.of(1, ...new Uint8Array(31)))],
    ["what is not a point on the curve", keyIdOf(new Uint8Array(32).fill(0xff))],
    ["a fragment", `${zero}#${zero.slice(8)}`],
  ])("refuses %s", (_, text) => {
    expect(() => publicKeyOf(text)).toThrow(expect.objectContaining({ code: "attestation/malformed" }));
  });
});
