import type { Random } from "./random.ts";

/** Bytes of linear memory of a random program. */
export const memoryBytes = 2 * 65536;

/**
 * The text of a random claimable program: ticks that write all over their memory, keep state in globals of both types, call
 * directly and through the table, and now and then trap. It halts by itself after some ticks.
 */
export function randomTickProgram(random: Random, ticks: number): string {
  const body = (depth: number) =>
    Array.from({ length: 2 + random.below(4) }, () => statement(random, depth)).join("\n");
  const functions = [0, 1, 2].map(
    (n) => `(func $f${n} (type $unary) (param $x i32) (result i32) (local $i i32) (local $y i32) (local $wide i64)
      ${body(2)}
      (i32.add (local.get $x) (i32.wrap_i64 (local.get $wide))))`,
  );
  return `(module
    (type $unary (func (param i32) (result i32)))
    (type $other (func (result i32)))
    (memory (export "memory") 2 2)
    (table 5 5 funcref)
    (elem (i32.const 0) $f0 $f1 $f2 $other)
    (data (i32.const 300) "some bytes that are there before the first tick")
    (global $count (mut i32) (i32.const 0))
    (global $fixed i64 (i64.const -81985529216486896))
    (global $wide (export "wide") (mut i64) (i64.const ${random.below(1000)}))
    (global $narrow (mut i32) (i32.const -${random.below(1000)}))
    ${functions.join("\n")}
    (func $other (type $other) (i32.const 7))
    (func (export "tick") (result i32) (local $x i32) (local $i i32) (local $y i32) (local $wide i64)
      (global.set $count (i32.add (global.get $count) (i32.const 1)))
      (local.set $x (global.get $count))
      ${body(3)}
      (local.set $y (call_indirect (type $unary) (local.get $x) ${tableIndex(random)}))
      (global.set $narrow (i32.xor (local.get $y) (global.get $narrow)))
      (i32.ge_u (global.get $count) (i32.const ${ticks}))))`;
}

function tableIndex(random: Random): string {
  // Rarely a null, a function of another type, or no entry at all.
  if (random.chance(0.5)) return `(i32.and (i32.shr_u (local.get $x) (i32.const 3)) (i32.const 7))`;
  return `(i32.rem_u (local.get $x) (i32.const 3))`;
}

function statement(random: Random, depth: number): string {
  const small = (limit: number) => `(i32.and ${i32(random, 1)} (i32.const ${limit}))`;
  const kinds: (() => string)[] = [
    () => `(local.set $${random.pick(["x", "y"])} ${i32(random, 2)})`,
    () => `(local.set $wide ${i64(random, 2)})`,
    () => `(global.set $narrow ${i32(random, 2)})`,
    () => `(global.set $wide ${i64(random, 2)})`,
    () => `(i32.store${random.pick(["", "8", "16"])} offset=${random.below(300)} ${address(random)} ${i32(random, 1)})`,
    () => `(i64.store${random.pick(["", "8", "16", "32"])} ${address(random)} ${i64(random, 1)})`,
    () => `(memory.fill ${address(random)} ${i32(random, 1)} ${small(511)})`,
    () => `(memory.copy ${address(random)} ${address(random)} ${small(1023)})`,
    () => `(drop (memory.grow (i32.const ${random.below(2)})))`,
  ];
  if (depth > 0) {
    const inner = () => statement(random, depth - 1);
    kinds.push(
      () => `(if ${i32(random, 1)} (then ${inner()}) (else ${inner()}))`,
      () => `(local.set $i (i32.const ${1 + random.below(20)}))
        (loop $again ${inner()} ${inner()}
          (local.set $i (i32.sub (local.get $i) (i32.const 1)))
          (br_if $again (i32.gt_s (local.get $i) (i32.const 0))))`,
      () => `(block $a (block $b (block $c (br_table $a $b $c ${small(3)})) ${inner()}) ${inner()})`,
      () => `(local.set $x (block (result i32) ${i32(random, 1)} (br_if 0 ${i32(random, 1)}) ${inner()}))`,
    );
  }
  return random.pick(kinds)();
}

/** Nearly always within bounds; now and then near the memory's end. */
function address(random: Random): string {
  if (random.chance(0.06))
    return `(i32.add (i32.const ${memoryBytes - 340}) (i32.and ${i32(random, 1)} (i32.const 63)))`;
  return `(i32.and ${i32(random, 1)} (i32.const 0x1efff))`;
}

function i32(random: Random, depth: number): string {
  const leaves: (() => string)[] = [
    () => `(i32.const ${random.pick([0, 1, -1, 127, 128, 0x7fffffff, -0x80000000, random.uint32() | 0])})`,
    () => "(local.get $x)",
    () => "(local.get $y)",
    () => "(global.get $narrow)",
    () => "(global.get $count)",
  ];
  if (depth === 0) return random.pick(leaves)();
  const next = () => i32(random, depth - 1);
  const operator = random.pick(["add", "sub", "mul", "and", "or", "xor", "shl", "shr_s", "rotl", "lt_s", "eq", "ge_u"]);
  return random.pick([
    ...leaves,
    () => `(i32.${operator} ${next()} ${next()})`,
    () => `(i32.${operator} ${next()} ${next()})`,
    () => `(i32.${random.pick(["rem_u", "div_s"])} ${next()} (i32.or ${next()} (i32.const 1)))`,
    () => `(i32.${random.pick(["clz", "ctz", "popcnt", "eqz", "extend8_s"])} ${next()})`,
    () => `(i32.${random.pick(["load", "load8_s", "load16_u"])} offset=${random.below(130)} ${address(random)})`,
    () => `(i32.wrap_i64 ${i64(random, depth - 1)})`,
    () => `(select ${next()} ${next()} ${next()})`,
    () => "(memory.size)",
  ])();
}

function i64(random: Random, depth: number): string {
  const leaves: (() => string)[] = [
    () => `(i64.const ${random.pick(["0", "1", "-1", "0x7fffffffffffffff", "-0x8000000000000000", "4294967295"])})`,
    () => "(local.get $wide)",
    () => "(global.get $wide)",
    () => "(global.get $fixed)",
  ];
  if (depth === 0) return random.pick(leaves)();
  const next = () => i64(random, depth - 1);
  const operator = random.pick(["add", "sub", "mul", "and", "or", "xor", "shl", "shr_u", "rotr"]);
  return random.pick([
    ...leaves,
    () => `(i64.${operator} ${next()} ${next()})`,
    () => `(i64.${operator} ${next()} ${next()})`,
    () => `(i64.rem_s ${next()} (i64.or ${next()} (i64.const 1)))`,
    () => `(i64.${random.pick(["clz", "ctz", "popcnt", "extend32_s"])} ${next()})`,
    () => `(i64.${random.pick(["load", "load8_u", "load32_s"])} ${address(random)})`,
    () => `(i64.extend_i32_${random.pick(["s", "u"])} ${i32(random, depth - 1)})`,
  ])();
}
