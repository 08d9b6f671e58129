import { resolve } from "node:path";
import { command, type Demo, playDemo } from "./demo.ts";

/**
 * Plays a whole dispute about the release tarball of a source, with every party in a process of its own, and sets the exit status.
 * @param location directory, git repository, or git+https/ssh/file URL. @param isOpen whether the explorer shows it in the end.
 */
export async function playTarball(location: string, revision?: string, isOpen = false): Promise<void> {
  // The parties run in other folders.
  const source = /^git\+/.test(location) ? location : resolve(location);
  await playDemo(tarballDemo([source, ...(revision === undefined ? [] : ["--rev", revision])]), isOpen);
}

function tarballDemo(build: readonly string[]): Demo {
  return {
    build,
    environments: ["releaseTarball"],
    artifact: { name: "a tarball", file: "release.tar.gz" },
    wrong: "one bit of the source flipped in the middle of the run",
    async fault({ ticks }) {
      const tick = Math.floor(ticks * 0.35);
      const looked = await command(["trace", ...build, "--at", `${tick}:1`], ".");
      return { kind: "memory", tick, step: Math.max(1, Math.floor(Number(looked.steps) * 0.6)) };
    },
  };
}
