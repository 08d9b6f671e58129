import { beforeAll, describe, expect, it } from "vitest";
import * as environmentsHere from "../../src/environment/environment.ts";
import * as inputHere from "../../src/guest/inputDrive.ts";
import * as manifestTextHere from "../../src/guest/manifestText.ts";
import * as guestHere from "../../src/guest/startMemory.ts";
import * as claimableHere from "../../src/machine/claimable.ts";
import * as programHere from "../../src/machine/native/nativeProgram.ts";
import * as sessionHere from "../../src/machine/native/session.ts";
import * as storageHere from "../../src/machine/native/snapshotStorage.ts";
import type { KernelBinaries } from "../../src/merkle/keccakKernel.ts";
import * as kernelHere from "../../src/merkle/keccakKernel.ts";
import { readKeccakKernel } from "../../src/merkle/node/keccakKernelNode.ts";
import { bundleForBrowser, evaluateInBrowser, namesOfNode } from "../support/determinism/browserContext.ts";
import { loadEnvironment, pinnedImageFiles } from "../support/guestRun.ts";
import { emulatorBinary, toyEnvironment } from "../support/toyEnvironment.ts";

/** What the tests use, as it is here; a browser's has the same modules from the bundle. */
const here = {
  "environment/environment.ts": environmentsHere,
  "guest/inputDrive.ts": inputHere,
  "guest/startMemory.ts": guestHere,
  "guest/manifestText.ts": manifestTextHere,
  "machine/claimable.ts": claimableHere,
  "machine/native/nativeProgram.ts": programHere,
  "machine/native/session.ts": sessionHere,
  "machine/native/snapshotStorage.ts": storageHere,
  "merkle/keccakKernel.ts": kernelHere,
};
type Modules = typeof here;

const source = {
  name: "source",
  time: 1_700_000_000,
  entries: Object.entries({ "a/b": "text", ä: "", [`${"long".repeat(40)}/name`]: "x" }).map(([path, text]) => ({
    path,
    kind: "file" as const,
    content: new TextEncoder().encode(text),
  })),
};
const description = {
  command: "wc a/b ä >out; head -c 9 /dev/urandom | xxd >>out",
  outputs: ["out"],
  variables: { TWO: "zwei ü", ONE: "it's $HOME" },
  tickLimit: 400n,
  sourceDateEpoch: 1_700_000_000n,
};

describe("what browsers run", () => {
  let browser: Modules;
  let kernelBinaries: KernelBinaries;
  beforeAll(async () => {
    browser = evaluateInBrowser(await bundleForBrowser()) as Modules;
    kernelBinaries = await readKeccakKernel();
  });

  it("names nothing that only Node has", async () => {
    expect(await namesOfNode()).toEqual([]);
  });

  it("derives the same environment, and from its manifest the same input and build id", async () => {
    const { manifest: settings, images } = await toyEnvironment();
    const derive = (modules: Modules) => {
      const kernel = modules["merkle/keccakKernel.ts"].KeccakKernel.create(kernelBinaries);
      const guest = modules["guest/startMemory.ts"];
      const { encodeManifest, parseManifest } = modules["guest/manifestText.ts"];
      const program = modules["machine/claimable.ts"].loadClaimable(guest.environmentBinary(emulatorBinary, settings));
      const text = encodeManifest(guest.makeManifest(settings, program, images, kernel));
      const input = modules["guest/inputDrive.ts"].encodeInput(description, source, 2 ** 16);
      const environment = guest.environmentOfManifest(parseManifest(text, kernel));
      const id = modules["environment/environment.ts"].buildIdOf(environment, input, kernel);
      return { text, input: Buffer.from(input).toString("base64"), id };
    };
    expect(derive(browser)).toEqual(derive(here));
  });

  it.runIf(pinnedImageFiles())(
    "runs a build in a Linux through the same states",
    () => {
      const { settings, images, binary } = loadEnvironment("small");
      const run = (modules: Modules) => {
        const { inputDriveOf, startDrives } = modules["guest/startMemory.ts"];
        const input = inputDriveOf(settings);
        const bytes = modules["guest/inputDrive.ts"].encodeInput(description, source, 2 ** input.log2Size);
        const { MachineSession } = modules["machine/native/session.ts"];
        const session = new MachineSession({
          program: modules["machine/native/nativeProgram.ts"].nativeProgramOf(
            modules["machine/claimable.ts"].loadClaimable(binary),
          ),
          drives: [...startDrives(settings, images), { ...input, bytes }],
          kernel: modules["merkle/keccakKernel.ts"].KeccakKernel.create(kernelBinaries),
          storage: new modules["machine/native/snapshotStorage.ts"].MemorySnapshotStorage(),
          chainBytes: 2 ** 27,
          sideBytes: 2 ** 26,
          beat: () => {},
          report: (complaint) => expect.unreachable(complaint),
        });
        const { ticks, checkpoints, finalRoot } = session.run({
          log2Arity: 1,
          checkpointSeconds: 0,
          log2CheckpointTicks: 2,
        });
        return { ticks, checkpoints: [...checkpoints], finalRoot, start: session.startRoot() };
      };
      expect(run(browser)).toEqual(run(here));
    },
    300_000,
  );
});
