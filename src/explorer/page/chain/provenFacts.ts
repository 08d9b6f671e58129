import { keccak_256 } from "@noble/hashes/sha3.js";
import { Interface } from "ethers";
import { fromHex, type Root } from "../../../core/bytes.ts";
import { describeAddress } from "../../../emulator/addressNames.ts";
import { disassembleInstruction } from "../../../machine/disassemble.ts";
import { Register, trapNames } from "../../../machine/registers.ts";
import { type ReplayedStep, replayStep, type TouchedElement } from "../../../machine/replaying.ts";
import { unpackChallenge } from "../../../protocol/challenge.ts";
import { IAssay__factory } from "../../../types/factories/interfaces/IAssay__factory.ts";
import type { ChainSettings } from "../state/settings.ts";
import { connectionTo } from "./connection.ts";

/** A place of the machine's state, before and after a step, in words. */
export interface TouchedWord {
  readonly place: string;
  readonly note?: string | undefined;
  /** What the emulator of Linux guests keeps there: means something for builds in guests only. */
  readonly inGuest?: string | undefined;
  readonly before: string;
  readonly after: string;
}

/** What the contract was shown of one step, and what comes of executing it. */
export interface StepFacts {
  readonly tick: number;
  readonly step: number;
  readonly instruction: string;
  readonly pc: number;
  readonly before: Root;
  readonly claimed: Root;
  readonly computed: Root;
  readonly registers: readonly TouchedWord[];
  readonly touched: readonly TouchedWord[];
}

const abi = new Interface(IAssay__factory.abi);

/**
 * Reads a proof of a fault from its transaction, and executes the step again here.
 * @returns undefined for other transactions, and for those that came through another contract.
 * @throws AssayError `chain/...`, `machine/...` for a witness that is none
 */
export async function provenFactsOn(chain: ChainSettings, transaction: string): Promise<StepFacts | undefined> {
  const { provider } = await connectionTo(chain);
  const found = await provider.getTransaction(transaction);
  const call = found === null ? null : abi.parseTransaction(found);
  if (call === null || (call.name !== "proveFault" && call.name !== "selectFault")) return undefined;
  const { range, startRoot, endRoot } = unpackChallenge(call.args.shown.toObject());
  const selection = call.name === "selectFault" ? call.args.selection : undefined;
  const before = (selection?.startRoot ?? startRoot) as Root;
  const claimed = (selection?.endRoot ?? endRoot) as Root;
  const replayed = replayStep(before, fromHex(call.args.witness), keccak_256);
  return {
    tick: range.tick,
    step: range.from + Number(selection?.child ?? 0),
    ...instructionOf(replayed),
    before,
    claimed,
    computed: replayed.root,
    registers: registersOf(replayed),
    touched: replayed.touched.filter(({ tree }) => tree !== "code").map(wordOf),
  };
}

function instructionOf({ touched, registers }: ReplayedStep): { instruction: string; pc: number } {
  const pc = registers.before[Register.pc]! >>> 0;
  const code = touched.find(({ tree }) => tree === "code");
  if (code === undefined) return { pc, instruction: "none: the machine does not run" };
  const view = new DataView(code.before.buffer, code.before.byteOffset);
  return { pc, instruction: disassembleInstruction(view.getInt32(0, true), view.getInt32(4, true)) };
}

function registersOf({ registers: { before, after } }: ReplayedStep): TouchedWord[] {
  const names = ["pc", "sp", "fp", "status", "trapCode", "phase"] as const;
  return names
    .filter((name) => name === "pc" || before[Register[name]] !== after[Register[name]])
    .map((name) => ({
      place: name,
      note: name === "trapCode" ? trapNames[after[Register.trapCode]!] : undefined,
      before: String(before[Register[name]]! >>> 0),
      after: String(after[Register[name]]! >>> 0),
    }));
}

const treeNames = { stack: "stack slot", globals: "global", table: "table entry", code: "instruction" } as const;

function wordOf({ tree, index, before, after }: TouchedElement): TouchedWord {
  const value = (bytes: Uint8Array) =>
    `0x${[...bytes]
      .toReversed()
      .map((byte) => byte.toString(16).padStart(2, "0"))
      .join("")}`;
  const place = tree === "memory" ? `memory 0x${index.toString(16)}` : `${treeNames[tree]} ${index}`;
  const inGuest = tree === "memory" ? describeAddress(index) : undefined;
  return { place, inGuest, before: value(before), after: value(after) };
}
