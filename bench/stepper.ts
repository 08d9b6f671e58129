import { loadClaimable } from "../src/machine/claimable.ts";
import { run as runSteps } from "../src/machine/interpreter.ts";
import { startState } from "../src/machine/program.ts";
import type { MachineState } from "../src/machine/state.ts";
import { StateTree } from "../src/machine/stateTree.ts";
import { resume } from "../src/machine/step/ending.ts";
import { loadKeccakKernel } from "../src/merkle/node/keccakKernelNode.ts";
import { textModule } from "../test/support/textModule.ts";
import { type Figure, median } from "./figure.ts";

/** A loop of everything programs do all day: locals, comparisons, table look-ups, stores, 64-bit products, calls. */
const workload = textModule(`(module
  (memory (export "memory") 65 65)
  (func $mix (param $x i32) (result i32)
    (i32.xor (local.get $x) (i32.shr_u (i32.mul (local.get $x) (i32.const 0x9e3779b1)) (i32.const 15))))
  (func (export "tick") (result i32) (local $i i32) (local $x i32) (local $sum i64)
    (local.set $x (i32.const 12345))
    (loop $again
      (local.set $x (call $mix (i32.add (local.get $x) (local.get $i))))
      (i32.store offset=64 (i32.and (local.get $x) (i32.const 0x3ffffc)) (local.get $i))
      (if (i32.and (local.get $x) (i32.const 1))
        (then (local.set $sum (i64.add (local.get $sum)
          (i64.mul (i64.extend_i32_u (local.get $x)) (i64.const 0x5851f42d4c957f2d)))))
        (else (local.set $x (i32.add (local.get $x)
          (i32.load8_u offset=64 (i32.and (local.get $i) (i32.const 0xffff)))))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $again (i32.lt_u (local.get $i) (i32.const 4000000))))
    (i64.store (i32.const 16) (local.get $sum))
    (i32.const 0)))`);

const rounds = 5;
const rangeSteps = 1_000_000;

/** Milliseconds that `act` takes. */
function timed(act: () => void): number {
  const start = performance.now();
  act();
  return performance.now() - start;
}

/** Figures `stepper.*`: the interpreter's speed, against the engine running the same tick, and the root after a step range. */
export async function run(): Promise<Figure[]> {
  const state = startState(loadClaimable(workload));
  const kernel = await loadKeccakKernel();
  const { tick } = new WebAssembly.Instance(new WebAssembly.Module(workload)).exports as { tick: () => number };
  const rates: number[] = [];
  const slowdowns: number[] = [];
  for (let round = 0; round < rounds; round++) {
    resume(state.registers);
    let steps = 0;
    const stepped = timed(() => {
      steps = runSteps(state, 2 ** 32);
    });
    const native = timed(tick);
    console.log(`stepper: ${steps} steps in ${stepped.toFixed(0)} ms, natively ${native.toFixed(1)} ms`);
    // The first round warms both engines up.
    if (round === 0) continue;
    rates.push((1000 * steps) / stepped);
    slowdowns.push(stepped / native);
  }
  const rootSeconds = median(Array.from({ length: rounds }, () => rootAfterRange(state, new StateTree(kernel, state))));
  console.log(`stepper: state root after ${rangeSteps} steps in ${(1000 * rootSeconds).toFixed(1)} ms`);
  return [
    { name: "stepper.stepsPerSecond", value: median(rates), unit: "steps/s", target: 50e6, better: "higher" },
    // Truebit's interpreter: 260x to 2200x slower than native WebAssembly, 668x on average.
    { name: "stepper.slowdown", value: median(slowdowns), unit: "x", target: 600, better: "lower", baseline: 600 },
    { name: "stepper.rootSeconds", value: rootSeconds, unit: "s", target: 0.05, better: "lower" },
  ];
}

/** Seconds to bring the trees up to a state that has executed a range of steps, and to read its root. */
function rootAfterRange(state: MachineState, tree: StateTree): number {
  resume(state.registers);
  runSteps(state, rangeSteps);
  const taken = timed(() => {
    tree.update();
    tree.root();
  });
  runSteps(state, 2 ** 32);
  return taken / 1000;
}
