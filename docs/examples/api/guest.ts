// A command and its source as the input of a build in a guest. With the environment of `parseManifest` and
// `environmentOfManifest`, `buildIdOf` gives the id of that build.
import { decodeInput, describeGuestExit, encodeInput } from "assay/guest";

const content = new TextEncoder().encode("int main() { return 0; }\n");
const tree = { name: "project", time: 0, entries: [{ path: "main.c", kind: "file", content }] } as const;
const build = { command: "tcc -o main main.c", outputs: ["main"], variables: {}, tickLimit: 2n ** 16n };
const input = encodeInput({ ...build, sourceDateEpoch: 0n }, tree, 2 ** 26);
console.log(`${decodeInput(input).description.command}: ${describeGuestExit(0)}`);
