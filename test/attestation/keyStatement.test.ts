import { describe, expect, it } from "vitest";
import { formatEnvelope } from "../../src/attestation/dsse.ts";
import {
  isInForce,
  keyStatementsIn,
  revocationType,
  rotationType,
  signRevocation,
  signRotation,
} from "../../src/attestation/keyStatement.ts";
import { signerOf } from "../../src/attestation/keys.ts";
import { signStatement, statementIn, statementOf } from "../../src/attestation/statement.ts";

const signer = (number: number) => signerOf(new Uint8Array(32).fill(number));
const [old, next, stranger] = [signer(1), signer(2), signer(3)];
const now = 1_796_000_000;
const revoked = { kind: "revocation", key: old.keyId, reason: "retired", from: now, saidAt: now };

describe("what is said of a key", () => {
  it("is read back as it was signed", async () => {
    const rotation = await signRotation(old, next, now);
    const revocation = await signRevocation(old, { reason: "retired", from: now, saidAt: now });
    expect(keyStatementsIn([rotation, revocation], old.keyId)).toEqual([
      { kind: "rotation", key: old.keyId, newKey: next.keyId, saidAt: now },
      revoked,
    ]);
    expect(keyStatementsIn([rotation, revocation], next.keyId)).toEqual([]);
    expect(formatEnvelope(rotation)).not.toContain("\n");
  });

  it("counts only if the key has signed it, and a rotation only if the new key has too", async () => {
    const { signatures, ...rotation } = await signRotation(old, next, now);
    const only = (index: number) => ({ ...rotation, signatures: [signatures[index]!] });
    expect(keyStatementsIn([only(0), only(1)], old.keyId)).toEqual([]);
    const byStranger = await signStatement(
      stranger,
      statementIn(await signRevocation(old, { reason: "retired", from: now, saidAt: now })),
    );
    expect(keyStatementsIn([byStranger], old.keyId)).toEqual([]);
    expect(keyStatementsIn([byStranger], stranger.keyId)).toEqual([]);
  });

  it.each<[string, string, object, object[]]>([
    ["is of another type", "urn:assay:key-gift:v1", {}, []],
    ["names a key that is none", revocationType, { key: "did:key:z6Mk" }, []],
    ["says more than is known here", revocationType, { unless: "Tuesday" }, []],
    ["gives another reason", revocationType, { reason: "bored" }, []],
    ["names no time", revocationType, { invalidFrom: "soon" }, []],
    ["is a rotation to nothing", rotationType, { newKey: "" }, []],
    ["is about another thing", revocationType, {}, [{ name: old.keyId, digest: { sha256: "0".repeat(64) } }]],
    [
      "is about two things",
      revocationType,
      {},
      [
        { name: "a", digest: { sha256: "0".repeat(64) } },
        { name: "b", digest: { sha256: "1".repeat(64) } },
      ],
    ],
  ])("is passed over when it %s", async (_, type, change, subjects) => {
    const good = statementIn(await signRevocation(old, { reason: "retired", from: now, saidAt: now }));
    const predicate = { ...(good.predicate as object), ...change };
    const subject = (subjects.length === 0 ? good.subject : subjects) as typeof good.subject;
    expect(keyStatementsIn([await signStatement(old, statementOf(subject, type, predicate))], old.keyId)).toEqual([]);
  });

  it("is in force at once whatever the clock says, or from its later time on", () => {
    expect(isInForce({ ...revoked, kind: "revocation", reason: "retired" }, 0)).toBe(true);
    const later = { ...revoked, kind: "revocation", reason: "retired", from: now + 10 } as const;
    expect([now, now + 9, now + 10].map((at) => isInForce(later, at))).toEqual([false, false, true]);
  });
});
