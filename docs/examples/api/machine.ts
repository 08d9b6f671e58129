// Runs a program and shows the state root in the middle of it. A browser does the same with bytes that it has fetched.
import { readFile } from "node:fs/promises";
import {
  KeccakKernel,
  loadClaimable,
  MachineSession,
  MemorySnapshotStorage,
  nativeProgramOf,
  releaseTarball,
} from "assay/machine";
import { encodeDrive } from "assay/source";

const file = async (path: string) => await readFile(new URL(import.meta.resolve(path)));
const [keccak, fingerprint] = [await file("assay/wasm/keccak.wasm"), await file("assay/wasm/fingerprint.wasm")];
const content = new TextEncoder().encode("hello\n");
const input = encodeDrive({ name: "source", time: 0, entries: [{ path: "hello.txt", kind: "file", content }] });
const session = new MachineSession({
  program: nativeProgramOf(loadClaimable(await file("assay/wasm/releaseTarball.wasm"))),
  drives: [{ ...releaseTarball.inputDrive, bytes: input }],
  kernel: KeccakKernel.create({ keccak, fingerprint }),
  storage: new MemorySnapshotStorage(),
  chainBytes: 2 ** 27,
  sideBytes: 2 ** 26,
  beat: () => {},
  report: (complaint) => console.error(complaint),
});
const { ticks, finalRoot } = session.run({ log2Arity: 4, checkpointSeconds: 1 });
console.log(`${ticks} ticks end in ${finalRoot}`);
console.log(`after 1000 steps of the first: ${session.stepRoots(0, [1000])[0]}`);
