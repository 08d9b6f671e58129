import { type FunctionDefinition, type Module, nullFunction, type ValueType } from "../../src/wasm/module.ts";
import { op } from "../../src/wasm/opcodes.ts";
import { scanInstructions } from "../support/instructionScan.ts";
import { replacedMark } from "./withinProfile.ts";

/** Why a function cannot run in the machine and is replaced by `unreachable`. */
export type Obstacle = "floats" | "segment instructions" | "reference types or tables";

/** What running a function may come to, through all functions it may call. */
export interface Reach {
  readonly obstacles: ReadonlySet<Obstacle>;
  readonly growsMemory: boolean;
}

interface Use {
  readonly obstacle: Obstacle | undefined;
  readonly growsMemory: boolean;
  readonly calls: ReadonlySet<number>;
  readonly callsIndirectly: boolean;
}

const segmentInstructions = new Set([0xfc08, 0xfc09, 0xfc0c, 0xfc0d, 0xfc0e]);
const memoryGrow = 0x40;

export function isFloat(type: ValueType): boolean {
  return type === 0x7d || type === 0x7c;
}

/** What the functions of a module use; imported ones use nothing. */
export class FunctionUses {
  private readonly uses: readonly Use[];
  private readonly tableFunctions: readonly number[];

  constructor(module: Module) {
    this.uses = module.functions.map((definition) => useOf(module, definition));
    this.tableFunctions = module.elements.flatMap(({ functions }) => [...functions].filter((i) => i !== nullFunction));
  }

  obstacle(functionIndex: number): Obstacle | undefined {
    return this.uses[functionIndex]!.obstacle;
  }

  reach(functionIndex: number): Reach {
    const obstacles = new Set<Obstacle>();
    let growsMemory = false;
    const seen = new Set<number>();
    const left = [functionIndex];
    while (left.length > 0) {
      const index = left.pop()!;
      if (seen.has(index)) continue;
      seen.add(index);
      const use = this.uses[index]!;
      if (use.obstacle !== undefined) obstacles.add(use.obstacle);
      growsMemory ||= use.growsMemory;
      left.push(...use.calls, ...(use.callsIndirectly ? this.tableFunctions : []));
    }
    return { obstacles, growsMemory };
  }
}

function useOf(module: Module, { typeIndex, code }: FunctionDefinition): Use {
  const { parameters, results } = module.types[typeIndex]!;
  let obstacle: Obstacle | undefined;
  if ([...parameters, ...results, ...(code?.localTypes ?? [])].some(isFloat)) obstacle = "floats";
  const calls = new Set<number>();
  let callsIndirectly = false;
  let growsMemory = false;
  if (code !== undefined) {
    for (const { opcode, index, types } of scanInstructions(module, code)) {
      if (types.some(isFloat)) obstacle ??= "floats";
      if (segmentInstructions.has(opcode)) obstacle ??= "segment instructions";
      if (opcode === op.i32Const && index === replacedMark) obstacle ??= "reference types or tables";
      if (opcode === op.call) calls.add(index);
      if (opcode === op.callIndirect) callsIndirectly = true;
      if (opcode === memoryGrow) growsMemory = true;
    }
  }
  return { obstacle, growsMemory, calls, callsIndirectly };
}
