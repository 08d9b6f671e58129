/** Plays one test script: validation by our reader, execution by the engine and by the interpreter. */
import { isAssayError } from "../../src/core/errors.ts";
import { decodeModule } from "../../src/wasm/decodeModule.ts";
import type { Module } from "../../src/wasm/module.ts";
import { validateModule } from "../../src/wasm/validateModule.ts";
import { hostModule, instantiate, type Outcome, perform, type Registry, trapNames } from "./nativeModule.ts";
import { type Action, type Command, type ModuleSource, parseScript, type Value } from "./script.ts";
import { describeOutcome, Subject, sameOutcome, stackOutOfBounds } from "./subject.ts";
import { Tally } from "./tally.ts";
import { toBinary } from "./toBinary.ts";
import { withinProfile } from "./withinProfile.ts";

const linking = "linking of several modules";

/** The assembler writes no data count section for a module without data, so that text means less than binary here. */
const uncounted = "data count section required";

interface Loaded {
  /** In the engine, as the suite has it. */
  readonly reference: WebAssembly.Exports | undefined;
  readonly module: Module | undefined;
  /** As an integer module, or why there is none. */
  readonly subject: Subject | string;
}

export interface Played {
  readonly tally: Tally;
  readonly subjects: readonly Subject[];
}

export function runScript(file: Uint8Array): Played {
  const play = new Play();
  let commands: readonly Command[] = [];
  try {
    commands = parseScript(file);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    play.tally.reject(`a script beyond the reader`);
  }
  for (const command of commands) play.play(command);
  play.compareStates();
  return { tally: play.tally, subjects: play.subjects.map(({ subject }) => subject) };
}

class Play {
  readonly tally = new Tally();
  readonly subjects: { subject: Subject; line: number }[] = [];
  private readonly registry: Registry = new Map([["spectest", hostModule()]]);
  private readonly named = new Map<string, Loaded>();
  private readonly registered = new Map<string, Loaded>();
  private last: Loaded | undefined;

  /** What the engine throws where it should not is a failure of this command only. */
  play(command: Command): void {
    try {
      this.command(command);
    } catch (error) {
      const { CompileError, LinkError, RuntimeError } = WebAssembly;
      const expected = [CompileError, LinkError, RuntimeError, TypeError].some((kind) => error instanceof kind);
      if (!expected) throw error;
      this.tally.fail(command.line, String(error));
    }
  }

  private command(command: Command): void {
    switch (command.kind) {
      case "module":
        // What follows is not about the module before, also when this one cannot be loaded.
        this.keep(command.id, { reference: undefined, module: undefined, subject: "a module that failed" });
        return this.keep(command.id, this.load(command.source, command.line));
      case "register": {
        const loaded = this.loaded(command.module);
        this.registered.set(command.name, loaded);
        if (loaded.reference !== undefined) this.registry.set(command.name, loaded.reference);
        else this.registry.delete(command.name);
        return;
      }
      case "action":
        return this.act(command.action, command.line, undefined);
      case "assert_return":
        return this.act(command.action, command.line, { kind: "values", values: command.expected });
      case "assert_trap":
        return this.act(command.action, command.line, { kind: "trap", message: command.message });
      case "assert_module_trap":
        return this.assertModuleTrap(command.source, command.line);
      case "assert_invalid":
      case "assert_malformed":
        return this.assertRefused(command.kind, command.source, command.message, command.line);
      case "assert_exhaustion":
        return this.tally.reject("exhaustion of the engine's stack");
      case "assert_unlinkable":
        return this.tally.reject(linking);
      case "unknown":
        return this.tally.reject(`command ${command.name}`);
    }
  }

  compareStates(): void {
    for (const { subject, line } of this.subjects) {
      const difference = subject.difference();
      if (difference !== undefined) this.tally.fail(line, `engine and interpreter have another ${difference}`);
    }
  }

  private keep(id: string | undefined, loaded: Loaded): void {
    this.last = loaded;
    if (id !== undefined) this.named.set(id, loaded);
  }

  private loaded(id: string | undefined): Loaded {
    return (id === undefined ? this.last : this.named.get(id))!;
  }

  private load(source: ModuleSource, line: number): Loaded {
    const none = { reference: undefined, module: undefined };
    const bytes = toBinary(source);
    if (bytes === undefined) {
      this.tally.reject("text beyond the assembler");
      return { ...none, subject: "text beyond the assembler" };
    }
    const obstacle = this.obstacleToImports(bytes);
    if (obstacle !== undefined) {
      this.tally.reject(obstacle);
      return { ...none, subject: obstacle };
    }
    const reference = instantiate(bytes, this.registry).exports;
    const sharing = this.noteSharing(bytes);
    const module = this.narrowed(source, bytes);
    if (module instanceof Refusal) {
      if (module.kind === "unsupported") this.tally.reject(module.reason);
      else this.tally.fail(line, `a valid module is refused: ${module.reason}`);
      return { ...none, reference, subject: module.reason };
    }
    this.tally.pass();
    const subject = Subject.create(module);
    if (typeof subject !== "string") {
      if (sharing) subject.diverged ??= linking;
      this.subjects.push({ subject, line });
      const started = subject.runStart();
      if (started !== undefined) this.explain(subject, subject.integers.start!.index, started, undefined, line);
    }
    return { reference, module, subject };
  }

  /** Why a module cannot be linked here: one that it imports from is not there, for this reason. */
  private obstacleToImports(bytes: Uint8Array): string | undefined {
    if (!WebAssembly.validate(bytes as Uint8Array<ArrayBuffer>)) return undefined;
    for (const { module } of WebAssembly.Module.imports(new WebAssembly.Module(bytes as Uint8Array<ArrayBuffer>))) {
      const loaded = this.registered.get(module);
      if (loaded !== undefined && loaded.reference === undefined) return String(loaded.subject);
    }
    return undefined;
  }

  /** The module; without what is beyond the profile, if it has it in few places only and is valid without. */
  private narrowed(source: ModuleSource, bytes: Uint8Array): Module | Refusal {
    const whole = validated(bytes);
    if (!(whole instanceof Refusal) || source.kind !== "text") return whole;
    if (!/^(reference types$|multiple tables)/.test(whole.reason)) return whole;
    const narrow = toBinary({ kind: "text", text: withinProfile(source.text) });
    const module = narrow === undefined ? whole : validated(narrow);
    return module instanceof Refusal ? whole : module;
  }

  /**
   * A module may change the memory, table and globals of those it imports from, which our instances of them cannot follow.
   * @returns whether the module shares such state with others through the host module
   */
  private noteSharing(bytes: Uint8Array): boolean {
    const imports = WebAssembly.Module.imports(new WebAssembly.Module(bytes as Uint8Array<ArrayBuffer>));
    for (const { module } of imports) {
      const subject = this.registered.get(module)?.subject;
      if (typeof subject === "object") subject.diverged ??= linking;
    }
    return imports.some(({ module, kind }) => module === "spectest" && (kind === "memory" || kind === "table"));
  }

  /** `expected` undefined: whatever the engine says, with no assertion to count. */
  private act(action: Action, line: number, expected: Outcome | undefined): void {
    const { reference, module, subject } = this.loaded(action.module);
    if (reference === undefined) return this.tally.reject(String(subject));
    const values = [...action.values, ...(expected?.kind === "values" ? expected.values : [])];
    const native = perform(
      reference,
      action,
      expected?.kind === "values" ? expected.values.map(({ type }) => type) : [],
    );
    const reason = values.some(isFloatValue) ? "floats" : values.some(isReference) ? "reference types" : undefined;
    if (reason !== undefined) {
      if (typeof subject !== "string") subject.diverged ??= reason;
      return this.tally.reject(reason);
    }
    if (expected !== undefined && !sameOutcome(native, expected) && !traps(native, expected)) {
      return this.tally.fail(line, `the engine gives ${describeOutcome(native)}, not ${describeOutcome(expected)}`);
    }
    if (typeof subject === "string" || module === undefined) {
      if (expected !== undefined) this.tally.reject(String(subject));
      return;
    }
    const index = subject.indexOf(action);
    const obstacle = action.kind === "invoke" ? subject.integers.uses.obstacle(index) : undefined;
    if (obstacle !== undefined) {
      subject.diverged ??= obstacle;
      if (expected !== undefined) this.tally.reject(obstacle);
      return;
    }
    this.explain(subject, action.kind === "invoke" ? index : undefined, subject.perform(action, index), expected, line);
  }

  /** Counts what came out, and finds the reason where it is not what the suite expects. */
  private explain(
    subject: Subject,
    functionIndex: number | undefined,
    { native, interpreter }: { native: Outcome; interpreter: Outcome },
    expected: Outcome | undefined,
    line: number,
  ): void {
    const { tally } = this;
    if (!sameOutcome(native, interpreter)) {
      if (interpreter.kind === "trap" && interpreter.message === stackOutOfBounds) {
        return this.reject(subject, "more stack than the machine has");
      }
      const both = `the engine ${describeOutcome(native)}, the interpreter ${describeOutcome(interpreter)}`;
      return tally.fail(line, `${both}`);
    }
    const reach = functionIndex === undefined ? undefined : subject.integers.uses.reach(functionIndex);
    const obstacle = reach?.obstacles.values().next().value ?? (reach?.growsMemory ? "memory.grow" : undefined);
    if (expected !== undefined && (sameOutcome(interpreter, expected) || traps(interpreter, expected))) tally.pass();
    else if (expected !== undefined)
      this.unexpected(subject, obstacle ?? subject.diverged, interpreter, expected, line);
    subject.diverged ??= obstacle;
  }

  private unexpected(
    subject: Subject,
    reason: string | undefined,
    interpreter: Outcome,
    expected: Outcome,
    line: number,
  ): void {
    const { tally } = this;
    if (reason === undefined) {
      return tally.fail(line, `${describeOutcome(interpreter)} instead of ${describeOutcome(expected)}`);
    }
    this.reject(subject, reason);
  }

  private reject(subject: Subject, reason: string): void {
    subject.diverged ??= reason;
    this.tally.reject(reason);
  }

  private assertModuleTrap(source: ModuleSource, line: number): void {
    const bytes = toBinary(source);
    if (bytes === undefined) return this.tally.reject("text beyond the assembler");
    const obstacle = this.obstacleToImports(bytes);
    if (obstacle !== undefined) return this.tally.reject(obstacle);
    this.noteSharing(bytes);
    try {
      instantiate(bytes, this.registry);
      return this.tally.fail(line, "the engine instantiates what should trap");
    } catch (error) {
      if (!(error instanceof WebAssembly.RuntimeError)) throw error;
    }
    const module = validated(bytes);
    if (module instanceof Refusal) {
      if (module.kind === "unsupported") return this.tally.reject(module.reason);
      return this.tally.fail(line, `a valid module is refused: ${module.reason}`);
    }
    try {
      const subject = Subject.create(module);
      if (typeof subject === "string") return this.tally.reject(subject);
      const started = subject.runStart();
      if (started === undefined) return this.tally.fail(line, "segments that do not fit are accepted");
      this.explain(subject, subject.integers.start!.index, started, started.native, line);
    } catch (error) {
      if (!isAssayError(error, "machine/segment-out-of-bounds")) throw error;
      this.tally.pass();
    }
  }

  private assertRefused(
    kind: "assert_invalid" | "assert_malformed",
    source: ModuleSource,
    message: string,
    line: number,
  ): void {
    const expected = kind === "assert_invalid" ? "invalid" : "malformed";
    const bytes = source.kind === "quote" ? undefined : toBinary(source);
    if (bytes === undefined) return this.tally.reject("text format");
    const given = validated(bytes);
    if (!(given instanceof Refusal)) this.tally.fail(line, `accepted, not ${expected}: ${message}`);
    else if (given.kind === expected) this.tally.pass();
    else if (given.kind === "unsupported") this.tally.reject(given.reason);
    else if (source.kind === "text" && given.reason === uncounted) this.tally.reject("text format");
    else this.tally.fail(line, `${given.kind} (${given.reason}), not ${expected}: ${message}`);
  }
}

/** How a module was refused by the reader or the validator. */
class Refusal {
  constructor(
    readonly kind: "malformed" | "invalid" | "unsupported",
    readonly reason: string,
  ) {}
}

/** @throws what is no refusal */
function validated(bytes: Uint8Array): Module | Refusal {
  try {
    const module = decodeModule(bytes);
    validateModule(module);
    return module;
  } catch (error) {
    if (!isAssayError(error, "wasm/malformed", "wasm/invalid", "wasm/unsupported")) throw error;
    return new Refusal(error.code.slice("wasm/".length) as "malformed", error.details.rule);
  }
}

function isReference({ type }: Value): boolean {
  return type === "reference";
}

function isFloatValue({ type }: Value): boolean {
  return type === "f32" || type === "f64";
}

/** Whether it is the trap that the suite expects, which names it by the beginning of its name. */
function traps(given: Outcome, expected: Outcome): boolean {
  if (given.kind !== "trap" || expected.kind !== "trap") return false;
  return trapNames(given.message).some((name) => name.startsWith(expected.message)) || sameOutcome(given, expected);
}
