/**
 * Random valid integer modules for differential tests. Control flow ends: calls go to functions with greater numbers only, the
 * table holds functions that call nothing, and loops burn fuel.
 */
import type { FunctionType, ValueType } from "../../src/wasm/module.ts";
import { nullFunction } from "../../src/wasm/module.ts";
import { encodeModule, type ModuleParts } from "./moduleParts.ts";
import type { Random } from "./random.ts";
import { type FunctionPlan, RandomFunction } from "./randomFunction.ts";

export interface RandomModule {
  readonly bytes: Uint8Array;
  /** Exported as `f0`, `f1`, ... */
  readonly functions: readonly FunctionType[];
}

/** A mutable i32: how many loop iterations are left before `unreachable`. */
export const fuelGlobal = 0;

const fuel = 400;
const i32: ValueType = 0x7f;
const i64: ValueType = 0x7e;

export function randomModule(random: Random): RandomModule {
  const types: FunctionType[] = [{ parameters: [], results: [] }];
  for (let i = random.below(6) + 3; i > 0; i--) {
    types.push({ parameters: randomTypes(random, 4), results: randomTypes(random, 3) });
  }
  const count = 3 + random.below(5);
  const typeIndices = Array.from({ length: count }, () => random.below(types.length));
  const firstLeaf = count - 1 - random.below(2);
  const leaves = Array.from({ length: count - firstLeaf }, (_, i) => firstLeaf + i);
  const memoryPages = random.pick([1, 1, 1, 2, 0]);
  const tableSize = random.below(6);
  const globalCount = 1 + random.below(5);
  const globals: ModuleParts["globals"] = Array.from({ length: globalCount }, (_, i) => ({
    type: i === fuelGlobal || random.chance(0.5) ? i32 : i64,
    mutable: i === fuelGlobal || random.chance(0.8),
    value: { kind: "constant", type: i32, low: i === fuelGlobal ? fuel : random.uint32() | 0, high: 0, offset: 0 },
  }));
  for (const global of globals) {
    const high = global.type === i64 ? random.uint32() | 0 : 0;
    global.value = { kind: "constant", type: global.type, low: lowOf(global.value), high, offset: 0 };
  }
  const functionTypes = typeIndices.map((index) => types[index]!);
  const plan: Omit<FunctionPlan, "index"> = {
    types,
    typeIndices,
    firstLeaf,
    globals,
    memoryPages,
    tableSize,
  };
  const bodies = typeIndices.map((_, index) => new RandomFunction(random, { ...plan, index }).body());
  const entries = Array.from({ length: tableSize }, () => (random.chance(0.2) ? nullFunction : random.pick(leaves)));
  const parts: ModuleParts = {
    types,
    imports: [],
    functions: typeIndices.map((typeIndex, i) => ({ typeIndex, body: bodies[i]! })),
    tables: [{ minimum: tableSize, maximum: tableSize }],
    memories: [{ minimum: memoryPages, maximum: memoryPages }],
    globals,
    exports: typeIndices.map((_, index) => ({ name: `f${index}`, kind: "function", index })),
    start: undefined,
    elements: [{ mode: "active", position: constant(0), functions: Uint32Array.from(entries) }],
    data:
      memoryPages === 0
        ? []
        : [{ mode: "active", position: constant(random.below(60_000)), bytes: random.fill(new Uint8Array(600)) }],
    dataCount: false,
  };
  return { bytes: encodeModule(parts), functions: functionTypes };
}

function randomTypes(random: Random, most: number): ValueType[] {
  return Array.from({ length: random.below(most + 1) }, () => (random.chance(0.5) ? i32 : i64));
}

function constant(low: number) {
  return { kind: "constant", type: i32, low, high: 0, offset: 0 } as const;
}

function lowOf(value: ModuleParts["globals"][number]["value"]): number {
  return value.kind === "constant" ? value.low : 0;
}
