#!/usr/bin/env node
import { complaintAbout } from "./nodeVersion.ts";

// `assay <command>`. What needs a recent Node is loaded only by one.
const complaint = complaintAbout(process.versions.node);
if (complaint === undefined) {
  const { runCommandLine } = await import("./runCommandLine.ts");
  await runCommandLine();
} else {
  process.stderr.write(`assay: ${complaint}\n`);
  process.exitCode = 1;
}
