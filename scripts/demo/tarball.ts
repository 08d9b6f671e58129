import { resolve } from "node:path";
import { command, tell } from "./story.ts";

const [location = ".", revision] = process.argv.slice(2);
const folder = process.env.ASSAY_DEMO_FOLDER ?? ".";
const source = /^git\+/.test(location) ? location : resolve(folder, location);
const build = [source, ...(revision === undefined ? [] : ["--rev", revision])];

await tell({
  build,
  environments: ["releaseTarball"],
  artifact: { name: "a tarball", file: "release.tar.gz" },
  lie: "one bit of the source flipped in the middle of the run",
  async fault({ ticks }) {
    const tick = Math.floor(ticks * 0.35);
    const looked = await command(["trace", ...build, "--at", `${tick}:1`], folder);
    return { kind: "memory", tick, step: Math.max(1, Math.floor(Number(looked.steps) * 0.6)) };
  },
});
