/**
 * Vectors for every preimage of the protocol and every packed word, from their description alone: `src/protocol` and the
 * contracts are both held to them. `scripts/generateVectors.ts` writes them to `test/vectors/protocol.json`; a test says when
 * that file is stale.
 */
import { AbiCoder, encodeBytes32String, keccak256 } from "ethers";

/** Decimal digits of a number, or hexadecimal bytes. */
type Value = string;
type Fields = Readonly<Record<string, Value>>;

export interface PreimageVector {
  readonly name: string;
  readonly fields: Fields;
  /** `abi.encode` of tag and fields, in their order. */
  readonly preimage: string;
  readonly hash: string;
}

/** A challenge as a client sees it, and the six words that it is packed into. */
export interface ChallengeVector extends PreimageVector {
  readonly packed: Fields;
}

export interface WordVector {
  readonly name: string;
  readonly fields: Fields;
  readonly word: string;
}

export interface ProtocolVectors {
  readonly claimIds: readonly PreimageVector[];
  readonly details: readonly PreimageVector[];
  readonly stakeKeys: readonly PreimageVector[];
  readonly challengeIds: readonly PreimageVector[];
  readonly challengeWords: readonly ChallengeVector[];
  readonly requestIds: readonly PreimageVector[];
  readonly claimStates: readonly WordVector[];
  readonly stakeStates: readonly WordVector[];
  readonly buildStates: readonly WordVector[];
}

/** Name and type of each field. */
type Layout = readonly (readonly [name: string, type: string])[];

const claimId: Layout = [
  ["chainId", "uint256"],
  ["contract", "address"],
  ["solver", "address"],
  ["buildId", "bytes32"],
  ["finalRoot", "bytes32"],
  ["log2Ticks", "uint256"],
  ["details", "bytes32"],
];
const details: Layout = [
  ["salt", "bytes32"],
  ["checkpointRoot", "bytes32"],
  ["log2CheckpointTicks", "uint256"],
  ["locatorHash", "bytes32"],
  ["endStatus", "uint8"],
  ["code", "uint32"],
  ["recordVersion", "uint32"],
  ["artifactSize", "uint64"],
  ["artifactSha256", "bytes32"],
];
const stakeKey: Layout = [
  ["challenger", "address"],
  ["buildId", "bytes32"],
  ["stakeNumber", "uint256"],
];
const challengeId: Layout = [
  ["stakeKey", "bytes32"],
  ["claimId", "bytes32"],
];
const requestId: Layout = [
  ["requester", "address"],
  ["buildId", "bytes32"],
  ["expiry", "uint40"],
  ["number", "uint256"],
];
/** What a challenge's words hold; the packed ones from their highest bit, with gaps of zeros. */
const challenge: Layout = [
  ["id", "bytes32"],
  ["challenger", "address"],
  ["level", "uint1"],
  ["tick", "uint40"],
  ["from", "uint40"],
  ["log2Length", "uint8"],
  ["solver", "address"],
  ["since", "uint40"],
  ["solverLeft", "uint24"],
  ["challengerLeft", "uint24"],
  ["startRoot", "bytes32"],
  ["endRoot", "bytes32"],
  ["row", "bytes32"],
];
/** Packed words from their lowest bit: name and width of each field. */
type Widths = readonly (readonly [name: string, bits: number])[];
const claimState: Widths = [
  ["status", 8],
  ["committedAt", 40],
  ["windowEnd", 40],
  ["openChallenges", 32],
];
const stakeState: Widths = [
  ["status", 8],
  ["open", 32],
  ["several", 8],
];
const anyBuild: Widths = [
  ["phase", 8],
  ["openClaims", 32],
  ["joinDeadline", 40],
];
const inRound: Widths = [...anyBuild, ["openRoots", 32], ["firstRootClaims", 32], ["contradictionEndedAt", 40]];
const finalBuild: Widths = [
  ...anyBuild,
  ["finalizedAt", 40],
  ["artifactSize", 64],
  ["code", 32],
  ["recordVersion", 32],
];

const numberBits = (type: string) => Number(/^uint(\d+)$/.exec(type)?.[1] ?? 0);

/** Values of three sizes for a layout: all zero; all different; each the largest that its type holds. */
const sizes = ["zero", "different", "largest"] as const;
type Size = (typeof sizes)[number];

function valueFor(type: string, place: number, size: Size): Value {
  const bytes = type === "address" ? 20 : 32;
  const bits = numberBits(type);
  if (bits === 0) {
    if (size === "zero") return `0x${"00".repeat(bytes)}`;
    if (size === "largest") return `0x${"ff".repeat(bytes)}`;
    const hash = keccak256(AbiCoder.defaultAbiCoder().encode(["string", "uint256"], ["assay vector", place]));
    return hash.slice(0, 2 + 2 * bytes);
  }
  const largest = 2n ** BigInt(bits) - 1n;
  if (size === "zero") return "0";
  return String(
    size === "largest" ? largest : (BigInt(place) * 2n ** BigInt(bits >> 1) + BigInt(place) + 3n) & largest,
  );
}

function fieldsOf(layout: Layout, size: Size): Fields {
  return Object.fromEntries(layout.map(([name, type], place) => [name, valueFor(type, place + 1, size)]));
}

function encoded(tag: string, types: readonly string[], values: readonly Value[]): { preimage: string; hash: string } {
  const all = [encodeBytes32String(tag), ...values];
  const preimage = AbiCoder.defaultAbiCoder().encode(["bytes32", ...types], all);
  return { preimage, hash: keccak256(preimage) };
}

function preimages(tag: string, layout: Layout): PreimageVector[] {
  return sizes.map((name) => {
    const fields = fieldsOf(layout, name);
    return {
      name,
      fields,
      ...encoded(
        tag,
        layout.map(([, type]) => type),
        Object.values(fields),
      ),
    };
  });
}

/** Claim ids beside those of the chain on which the contracts are tested too. */
function claimIds(): PreimageVector[] {
  const here = { ...fieldsOf(claimId, "different"), chainId: "31337" };
  const types = claimId.map(([, type]) => type);
  const onTestChain = { name: "test chain", fields: here, ...encoded("assay.claim", types, Object.values(here)) };
  return [...preimages("assay.claim", claimId), onTestChain];
}

function challengeWords(): ChallengeVector[] {
  return sizes.map((name) => {
    const fields = fieldsOf(challenge, name);
    const shifted = (field: string, by: number) => BigInt(fields[field]!) << BigInt(by);
    const range = shifted("level", 88) | shifted("tick", 48) | shifted("from", 8) | shifted("log2Length", 0);
    const clocks = shifted("since", 48) | shifted("solverLeft", 24) | shifted("challengerLeft", 0);
    const packed = {
      id: fields.id!,
      challengerAndRange: String(shifted("challenger", 96) | range),
      solverAndClocks: String(shifted("solver", 96) | clocks),
      startRoot: fields.startRoot!,
      endRoot: fields.endRoot!,
      row: fields.row!,
    };
    const types = ["bytes32", "uint256", "uint256", "bytes32", "bytes32", "bytes32"];
    return { name, fields, packed, ...encoded("assay.challenge", types, Object.values(packed)) };
  });
}

/** @param enums the first fields, which are enumerations or flags: pairs of name and value. */
function words(widths: Widths, ...states: readonly Fields[]): WordVector[] {
  return states.flatMap((fixed) =>
    sizes.map((name) => {
      const layout = widths.map(([field, bits]) => [field, `uint${bits}`] as const);
      const fields = { ...fieldsOf(layout, name), ...fixed };
      let low = 0;
      let word = 0n;
      for (const [field, bits] of widths) {
        word |= BigInt(fields[field as keyof typeof fields]!) << BigInt(low);
        low += bits;
      }
      return {
        name: `${Object.values(fixed).join(" ")} ${name}`,
        fields,
        word: `0x${word.toString(16).padStart(64, "0")}`,
      };
    }),
  );
}

/** All vectors, made anew. */
export function protocolVectors(): ProtocolVectors {
  return {
    claimIds: claimIds(),
    details: preimages("assay.claim.details", details),
    stakeKeys: preimages("assay.stake", stakeKey),
    challengeIds: preimages("assay.challenge.id", challengeId),
    challengeWords: challengeWords(),
    requestIds: preimages("assay.request", requestId),
    claimStates: words(claimState, { status: "0" }, { status: "2" }, { status: "5" }),
    stakeStates: words(stakeState, { status: "1", several: "0" }, { status: "3", several: "1" }),
    buildStates: [...words(inRound, { phase: "1" }), ...words(finalBuild, { phase: "2" }, { phase: "3" })],
  };
}
