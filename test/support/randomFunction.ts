import type { FunctionType, GlobalType, ValueType } from "../../src/wasm/module.ts";
import { op, plainInstruction } from "../../src/wasm/opcodes.ts";
import { Writer } from "../../src/wasm/writer.ts";
import { encodeLocals } from "./moduleParts.ts";
import type { Random } from "./random.ts";
import { fuelGlobal } from "./randomModule.ts";
import { writeAddress, writeConstant, writeExtremeDivision } from "./randomOperands.ts";

export interface FunctionPlan {
  readonly index: number;
  readonly types: readonly FunctionType[];
  /** Of each function of the module. */
  readonly typeIndices: readonly number[];
  /** Functions from here on call nothing. */
  readonly firstLeaf: number;
  readonly globals: readonly GlobalType[];
  readonly memoryPages: number;
  readonly tableSize: number;
}

const i32: ValueType = 0x7f;
const i64: ValueType = 0x7e;

/** Instructions by the type of their one result, taken from the table of plain instructions: numeric ones and loads. */
const numericByResult = new Map<ValueType, number[]>([
  [i32, []],
  [i64, []],
]);
const loadsByResult = new Map<ValueType, number[]>([
  [i32, []],
  [i64, []],
]);
const stores: number[] = [];
for (let opcode = 0x28; opcode <= 0xc4; opcode++) {
  const plain = plainInstruction(opcode);
  if (plain === undefined || [...plain.parameters, ...plain.results].some((type) => type < i64)) continue;
  if (plain.immediate === "none") numericByResult.get(plain.results[0]!)!.push(opcode);
  if (plain.immediate !== "memory argument") continue;
  if (plain.results.length === 0) stores.push(opcode);
  else loadsByResult.get(plain.results[0]!)!.push(opcode);
}

/** Writes one function: statements, each leaving the operand stack as it was, then the results. */
export class RandomFunction {
  private readonly to = new Writer();
  private readonly type: FunctionType;
  private readonly locals: readonly ValueType[];
  /** What a branch to each open block carries, innermost last. */
  private readonly labels: (readonly ValueType[])[] = [];
  /** Instructions that may still be written: keeps the function small. */
  private budget: number;

  constructor(
    private readonly random: Random,
    private readonly plan: FunctionPlan,
  ) {
    this.type = plan.types[plan.typeIndices[plan.index]!]!;
    const declared = Array.from({ length: random.below(5) }, () => (random.chance(0.5) ? i32 : i64));
    this.locals = [...this.type.parameters, ...declared];
    this.budget = 60 + random.below(200);
    this.to.raw(
      encodeLocals(
        declared.map(() => 1),
        declared,
      ),
    );
  }

  /** Locals and instructions. */
  body(): Uint8Array {
    this.labels.push(this.type.results);
    this.statements(6);
    this.values(this.type.results, 3);
    return this.to.byte(op.end).done();
  }

  private statements(most: number): void {
    for (let left = 1 + this.random.below(most); left > 0 && this.budget > 0; left--) this.statement();
  }

  private statement(): void {
    const { random, to } = this;
    this.budget -= 4;
    switch (random.below(16)) {
      case 0:
      case 1:
      case 2:
        return this.setVariable();
      case 3:
      case 4:
      case 5:
        return this.store();
      case 6:
        return this.bulk();
      case 7:
        this.value(random.chance(0.5) ? i32 : i64, 3);
        to.byte(op.drop);
        return;
      case 8:
        return this.loop();
      case 9:
      case 10:
        this.block(random.pick(this.plan.types));
        return;
      case 11:
        this.value(i32, 2);
        return this.conditional(random.pick(this.plan.types));
      case 12:
        return this.branch();
      case 13:
        return this.branchTable();
      case 14:
        return this.call(random.below(this.plan.typeIndices.length));
      default:
        if (random.chance(0.05)) to.byte(op.unreachable);
        else if (random.chance(0.1)) {
          this.values(this.type.results, 2);
          to.byte(op.return);
        } else to.byte(0x01);
    }
  }

  private setVariable(): void {
    const { random, to } = this;
    const { globals } = this.plan;
    const global = random.below(globals.length);
    if (random.chance(0.4) && globals[global]!.mutable && global !== fuelGlobal) {
      this.value(globals[global]!.type, 3);
      to.byte(op.globalSet).u32(global);
    } else if (this.locals.length > 0) {
      const local = random.below(this.locals.length);
      this.value(this.locals[local]!, 3);
      to.byte(op.localSet).u32(local);
    }
  }

  private store(): void {
    if (this.plan.memoryPages === 0 && this.random.chance(0.9)) return;
    const opcode = this.random.pick(stores);
    const plain = plainInstruction(opcode)!;
    const offset = writeAddress(this.to, this.random, this.plan.memoryPages, () => this.value(i32, 1));
    this.value(plain.parameters[1]!, 3);
    this.to.byte(opcode).u32(0).u32(offset);
  }

  private bulk(): void {
    const { random, to } = this;
    const address = () => writeAddress(to, random, this.plan.memoryPages, () => this.value(i32, 1));
    const copies = random.chance(0.6);
    address();
    if (copies) address();
    else this.value(i32, 2);
    if (random.chance(0.9)) to.byte(op.i32Const).s32(random.below(400));
    else this.value(i32, 1);
    if (copies) to.byte(op.prefix).u32(10).raw([0, 0]);
    else to.byte(op.prefix).u32(11).byte(0);
  }

  /** A block with the type's parameters and results; the results are dropped. */
  private block(type: FunctionType): void {
    this.values(type.parameters, 2);
    this.open(op.block, type, type.results);
    this.inside(type);
    this.to.byte(op.end);
    this.drop(type.results);
  }

  private conditional(type: FunctionType): void {
    // The condition is on the stack, parameters must be below it: it goes through a local if there is one.
    const { to } = this;
    const local = this.locals.indexOf(i32);
    if (local < 0) return void to.byte(op.drop);
    to.byte(op.localSet).u32(local);
    this.values(type.parameters, 2);
    to.byte(op.localGet).u32(local);
    this.open(op.if, type, type.results);
    this.inside(type);
    if (type.parameters.join() !== type.results.join() || this.random.chance(0.5)) {
      to.byte(op.else);
      this.labels.push(type.results);
      this.inside(type);
    }
    to.byte(op.end);
    this.drop(type.results);
  }

  /** A loop that goes round while a condition holds and there is fuel. */
  private loop(): void {
    const { random, to } = this;
    const type = random.pick(this.plan.types);
    this.values(type.parameters, 2);
    this.open(op.loop, type, type.parameters);
    to.byte(op.globalGet).u32(fuelGlobal).byte(0x45).byte(op.if).byte(0x40).byte(op.unreachable).byte(op.end);
    to.byte(op.globalGet).u32(fuelGlobal).byte(op.i32Const).s32(1).byte(0x6b).byte(op.globalSet).u32(fuelGlobal);
    this.drop(type.parameters);
    this.statements(3);
    this.values(type.parameters, 2);
    this.value(i32, 2);
    to.byte(op.brIf).u32(0);
    this.drop(type.parameters);
    this.values(type.results, 2);
    this.labels.pop();
    to.byte(op.end);
    this.drop(type.results);
  }

  private open(opcode: number, type: FunctionType, carried: readonly ValueType[]): void {
    const { to } = this;
    to.byte(opcode);
    const { parameters, results } = type;
    if (parameters.length === 0 && results.length === 0) to.byte(0x40);
    else if (parameters.length === 0 && results.length === 1) to.byte(results[0]!);
    else to.s32(this.plan.types.indexOf(type));
    this.labels.push(carried);
  }

  /** From a block's parameters to its results. */
  private inside(type: FunctionType): void {
    if (type.parameters.join() !== type.results.join() || this.random.chance(0.7)) {
      this.drop(type.parameters);
      this.statements(4);
      this.values(type.results, 2);
    }
    this.labels.pop();
  }

  private branch(): void {
    const { random, to } = this;
    const depth = random.below(this.labels.length);
    const carried = this.labels[this.labels.length - 1 - depth]!;
    if (this.isLoop(carried)) return;
    const clutter = this.clutter();
    this.values(carried, 2);
    if (random.chance(0.15)) {
      to.byte(op.br).u32(depth);
      return;
    }
    this.value(i32, 2);
    to.byte(op.brIf).u32(depth);
    this.drop(carried);
    this.drop(clutter);
  }

  private branchTable(): void {
    const { random, to } = this;
    const carried = random.pick(this.labels);
    const same = [...this.labels.keys()].filter((at) => this.labels[at]!.join() === carried.join());
    const depths = same.map((at) => this.labels.length - 1 - at);
    if (same.some((at) => this.isLoop(this.labels[at]!))) return;
    // Inside a block of its own, so that the code behind it can be reached.
    to.byte(op.block).byte(0x40);
    this.clutter();
    this.values(carried, 2);
    this.value(i32, 1);
    if (random.chance(0.8)) to.byte(op.i32Const).s32(7).byte(0x71);
    const targets = Array.from({ length: random.below(6) }, () => 1 + random.pick(depths));
    to.byte(op.brTable).u32(targets.length);
    for (const target of targets) to.u32(target);
    to.u32(1 + random.pick(depths)).byte(op.end);
  }

  /** Branches back to a loop are written by `loop` alone, which burns fuel. */
  private isLoop(carried: readonly ValueType[]): boolean {
    return this.plan.types.some(({ parameters }) => parameters === carried);
  }

  /** Operands below what a branch carries: the branch drops them. */
  private clutter(): readonly ValueType[] {
    const types = Array.from({ length: this.random.below(3) }, () => (this.random.chance(0.5) ? i32 : i64));
    this.values(types, 1);
    return types;
  }

  private call(index: number): void {
    const { plan, random, to } = this;
    if (plan.index >= plan.firstLeaf) return;
    if (random.chance(0.4)) {
      const typeIndex = random.pick(plan.typeIndices.slice(plan.firstLeaf));
      const type = plan.types[typeIndex]!;
      this.values(type.parameters, 2);
      if (random.chance(0.9)) to.byte(op.i32Const).s32(random.below(plan.tableSize + 1));
      else this.value(i32, 1);
      to.byte(op.callIndirect).u32(typeIndex).u32(0);
      return this.drop(type.results);
    }
    if (index <= plan.index) return;
    const type = plan.types[plan.typeIndices[index]!]!;
    this.values(type.parameters, 2);
    to.byte(op.call).u32(index);
    this.drop(type.results);
  }

  private values(types: readonly ValueType[], depth: number): void {
    for (const type of types) this.value(type, depth);
  }

  private drop(types: readonly ValueType[]): void {
    for (const _ of types) this.to.byte(op.drop);
  }

  /** One operand of the given type. */
  private value(type: ValueType, depth: number): void {
    const { random, to } = this;
    this.budget--;
    const kind = depth === 0 || this.budget <= 0 ? random.below(3) : random.below(12);
    switch (kind) {
      case 0:
        return writeConstant(to, random, type);
      case 1:
      case 2:
        return this.variable(type);
      case 3:
        if (this.plan.memoryPages === 0) return this.variable(type);
        return this.load(type, depth);
      case 4:
        this.value(type, depth - 1);
        this.value(type, depth - 1);
        this.value(i32, depth - 1);
        if (random.chance(0.3)) to.byte(op.typedSelect).u32(1).byte(type);
        else to.byte(op.select);
        return;
      case 5:
        if (random.chance(0.05)) return writeExtremeDivision(to, random, type);
        if (type !== i32) return this.variable(type);
        if (random.chance(0.5)) to.byte(0x3f).byte(0);
        else to.byte(op.i32Const).s32(random.below(2)).byte(0x40).byte(0);
        return;
      default: {
        const opcode = random.pick(numericByResult.get(type)!);
        this.values(plainInstruction(opcode)!.parameters, depth - 1);
        to.byte(opcode);
      }
    }
  }

  private variable(type: ValueType): void {
    const { random, to } = this;
    const locals = [...this.locals.keys()].filter((i) => this.locals[i] === type);
    const globals = [...this.plan.globals.keys()].filter((i) => this.plan.globals[i]!.type === type);
    if (locals.length > 0 && random.chance(0.7)) {
      const local = random.pick(locals);
      to.byte(op.localGet).u32(local);
      if (random.chance(0.2)) to.byte(op.localTee).u32(random.pick(locals));
    } else if (globals.length > 0) to.byte(op.globalGet).u32(random.pick(globals));
    else writeConstant(to, random, type);
  }

  private load(type: ValueType, depth: number): void {
    const opcode = this.random.pick(loadsByResult.get(type)!);
    const offset = writeAddress(this.to, this.random, this.plan.memoryPages, () => this.value(i32, depth - 1));
    this.to.byte(opcode).u32(0).u32(offset);
  }
}
