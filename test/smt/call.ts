import { Bytes } from "./bytes.ts";
import type { AbiParameter, Compiled } from "./compile.ts";
import { word } from "./opcodes.ts";
import { constant, type Term, variable, zeroExtended } from "./terms/index.ts";

/** What a call fixes: numbers by parameter, for an array its length. Everything else can be anything. */
export type Fixed = Readonly<Record<string, bigint | number | boolean>>;

/**
 * The calldata of a call: every argument a variable with the name of its parameter and as wide as its type, every element of an
 * array `name_index`.
 */
export function calldataOf(contract: Compiled, functionName: string, fixed: Fixed): Bytes {
  const method = contract.abi.find((entry) => entry.name === functionName);
  if (method === undefined) throw new Error(`no function ${functionName}`);
  const calldata = new Bytes();
  const selector = contract.selectors[`${functionName}(${method.inputs.map((input) => input.type).join()})`];
  calldata.write(0, constant(BigInt(`0x${selector}`), 32));
  let tail = 32 * method.inputs.length;
  method.inputs.forEach((input, i) => {
    const place = 4 + 32 * i;
    if (!input.type.endsWith("[]")) {
      calldata.write(place, argumentOf(input, fixed));
      return;
    }
    const count = Number(fixed[input.name]);
    const element = { ...input, type: input.type.slice(0, -2) };
    calldata.write(place, word(tail));
    calldata.write(4 + tail, word(count));
    for (let j = 0; j < count; j++) {
      calldata.write(36 + tail + 32 * j, argumentOf({ ...element, name: `${input.name}_${j}` }, fixed));
    }
    tail += 32 + 32 * count;
  });
  return calldata;
}

function argumentOf(input: AbiParameter, fixed: Fixed): Term {
  const value = fixed[input.name];
  return value === undefined ? zeroExtended(argument(input), 256) : word(BigInt(value));
}

/** The variable that stands for an argument. */
export function argument({ name, type }: AbiParameter): Term {
  if (type === "bool") return variable(name, 1);
  const [, bits] = /^(?:uint|bytes)(\d+)$/.exec(type) ?? [];
  if (bits === undefined) throw new Error(`arguments of type ${type} are not needed so far`);
  return variable(name, type.startsWith("bytes") ? 8 * Number(bits) : Number(bits));
}
