// A tree that is in memory, as the input drive of a build, and back.
import { decodeDrive, encodeDrive, parseLocation } from "assay/source";

const content = new TextEncoder().encode("#!/bin/sh\necho hello\n");
const drive = encodeDrive({ name: "project", time: 0, entries: [{ path: "bin/hello", kind: "executable", content }] });
const { name, entries } = decodeDrive(drive);
console.log(`${name}: ${entries.map(({ path }) => path)} in ${drive.length} bytes`);
console.log(parseLocation("git+https://example.org/project.git").scheme);
