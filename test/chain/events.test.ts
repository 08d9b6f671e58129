import { getAddress, Interface, type ParamType } from "ethers";
import { describe, expect, it } from "vitest";
import { decodeEvent, eventTopics } from "../../src/chain/events.ts";
import { IAssay__factory } from "../../src/types/factories/interfaces/IAssay__factory.ts";
import { Random } from "../support/random.ts";
import { seed } from "../support/seed.ts";

const abi = new Interface(IAssay__factory.abi);
const events = abi.fragments
  .filter((fragment) => fragment.type === "event")
  .map((fragment) => abi.getEvent(fragment.format())!);
const random = new Random(seed);
const digits = (bytes: number) => Array.from({ length: 2 * bytes }, () => random.below(16).toString(16)).join("");

/** Any value of a type, as the decoder gives it. */
function anyOf(type: ParamType): unknown {
  if (type.baseType === "array") return Array.from({ length: random.below(4) }, () => anyOf(type.arrayChildren!));
  if (type.baseType === "tuple") return Object.fromEntries(type.components!.map((one) => [one.name, anyOf(one)]));
  if (type.type === "address") return getAddress(`0x${digits(20)}`);
  if (type.type === "bool") return random.below(2) === 1;
  if (type.type === "string") return digits(random.below(50));
  if (type.type.startsWith("bytes")) return `0x${digits(Number(type.type.slice(5)))}`;
  return BigInt(`0x${digits(Number(type.type.slice(4)) / 8)}`);
}

const anyEvent = (number: number) => {
  const event = events[number]!;
  const args = Object.fromEntries(event.inputs.map((input) => [input.name, anyOf(input)]));
  const log = abi.encodeEventLog(
    event,
    event.inputs.map(({ name }) => args[name]),
  );
  return { event, args, log: { ...log, blockNumber: 7 } };
};
const fault = { code: "chain/bad-answer-fault", details: { number: 7 } };

describe("the contract's events", () => {
  it.each(events.map(({ name }, i) => [name, i] as const))("are read as they were written: %s", (name, i) => {
    for (let round = 0; round < 20; round++) {
      const { args, log } = anyEvent(i);
      expect(decodeEvent(log)).toMatchObject({ name, args });
    }
  });

  it.each(events.map(({ name }, i) => [name, i] as const))(
    "are refused where a word or a topic is missing: %s",
    (_, i) => {
      const { log } = anyEvent(i);
      const cut = log.data.length > 2 ? [log.data.slice(0, -64), "0x"] : [];
      for (const data of cut) expect(() => decodeEvent({ ...log, data })).toThrow(expect.objectContaining(fault));
      if (log.topics.length > 1) {
        const topics = log.topics.slice(0, -1);
        expect(() => decodeEvent({ ...log, topics })).toThrow(expect.objectContaining(fault));
      }
    },
  );

  it("are not those of other contracts, nor logs without a topic", () => {
    const { log } = anyEvent(0);
    expect(eventTopics).toContain(log.topics[0]);
    expect(decodeEvent({ ...log, topics: [`0x${digits(32)}`] })).toBeUndefined();
    expect(decodeEvent({ ...log, topics: [] })).toBeUndefined();
  });
});
