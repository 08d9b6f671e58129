import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";

/**
 * The rules of the house that a program can check: which folder may import which, how long a file may be, how errors are
 * thrown, how members are private, where Node-only code may stand, and what no file may contain.
 */
const maxLines = 400;

/** For each folder of `src`: the folders it may import besides itself. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  core: [],
  erofs: ["core"],
  merkle: ["core"],
  wasm: ["core"],
  protocol: ["core", "merkle"],
  machine: ["core", "merkle", "wasm"],
  trace: ["core", "merkle", "machine", "protocol"],
  programs: ["core", "merkle", "machine", "source", "environment"],
  emulator: ["core"],
  environment: ["core", "merkle", "machine", "source"],
  guest: ["core", "erofs", "merkle", "machine", "wasm", "programs", "source", "emulator", "environment", "store"],
  // Its list of readers names all kinds of sources; those of Radicle read git as the others do.
  source: ["core", "erofs", "radicle"],
  radicle: ["core", "attestation", "source"],
  store: ["core"],
  attestation: ["core", "store"],
  tasks: ["core", "source"],
  diff: ["core"],
  packages: ["core"],
  dependencies: ["core", "merkle", "diff", "erofs", "packages", "source", "store"],
  build: [
    "core",
    "attestation",
    "merkle",
    "machine",
    "programs",
    "source",
    "environment",
    "guest",
    "dependencies",
    "store",
  ],
  chain: ["core", "protocol", "types"],
  deployment: ["core", "chain", "protocol", "types"],
  client: ["core", "attestation", "chain", "protocol", "store"],
  agents: [
    "core",
    "merkle",
    "protocol",
    "chain",
    "machine",
    "source",
    "store",
    "attestation",
    "radicle",
    "tasks",
    "trace",
    "client",
    "environment",
    "build",
  ],
  demo: ["core", "protocol", "chain", "types"],
  explorer: [
    "core",
    "merkle",
    "protocol",
    "machine",
    "trace",
    "chain",
    "types",
    "store",
    "attestation",
    "client",
    "diff",
    "source",
    "programs",
    "emulator",
    "environment",
    "guest",
    "build",
    "deployment",
  ],
  // The library: each file re-exports what one subpath of the package has.
  api: [
    "core",
    "erofs",
    "merkle",
    "wasm",
    "protocol",
    "machine",
    "trace",
    "programs",
    "emulator",
    "environment",
    "guest",
    "radicle",
    "source",
    "store",
    "build",
    "chain",
    "deployment",
    "client",
    "types",
  ],
  cli: [
    "core",
    "erofs",
    "merkle",
    "wasm",
    "protocol",
    "chain",
    "machine",
    "trace",
    "store",
    "attestation",
    "radicle",
    "tasks",
    "diff",
    "packages",
    "dependencies",
    "source",
    "programs",
    "emulator",
    "client",
    "deployment",
    "environment",
    "guest",
    "build",
    "agents",
    "demo",
    "explorer",
  ],
};

/** Folders that are adapters to Node as a whole; elsewhere `node:` imports stand in `*Node.ts` or a folder `node/`. */
const nodeFolders = new Set(["cli", "demo", "agents", "deployment"]);

const files = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], { encoding: "utf8" })
  .split("\n")
  .filter((file) => file !== "");
const complaints: string[] = [];
function complain(file: string, fact: string): void {
  complaints.push(`${file}: ${fact}`);
}

function checkImports(file: string, text: string): void {
  const from = file.split("/")[1]!;
  const may = allowed[from];
  if (may === undefined) {
    complain(file, `src/${from} is not in the table of folders`);
    return;
  }
  for (const [, specifier] of text.matchAll(/(?:from|import)\s*\(?\s*"([^"]+)"/g)) {
    if (specifier!.startsWith("node:") && !nodeFolders.has(from) && !/Node\.ts$|\/node\//.test(file)) {
      complain(file, `imports ${specifier} outside an adapter (name it *Node.ts or put it into node/)`);
    }
    if (!specifier!.startsWith(".")) continue;
    const to = normalize(join(dirname(file), specifier!)).split("/");
    if (to[0] !== "src") complain(file, `imports ${specifier}, which is outside src`);
    else if (to[1] !== from && !may.includes(to[1]!)) complain(file, `src/${from} must not import src/${to[1]}`);
  }
}

for (const file of files) {
  if (!/\.(tsx?|mjs|css|html|sol|sh|json|md|ya?ml)$/.test(file) || /package-lock\.json$/.test(file)) continue;
  const text = readFileSync(file, "utf8");
  const isCode = /\.(tsx?|css|mjs|sol|sh)$/.test(file);
  if (isCode && !file.includes("/generated/") && text.split("\n").length > maxLines + 1) {
    complain(file, `${text.split("\n").length - 1} lines, more than ${maxLines}`);
  }
  if (/(^|[^A-Za-z0-9_.-])\/(work|home|root)\/[A-Za-z.]/m.test(text)) complain(file, "contains a path of some machine");
  if (/\/(utils|helpers|common|misc)(\.|\/)/.test(file)) complain(file, "names nothing: utils, helpers, common, misc");
  if (/\.tsx?$/.test(file) && /[\w)\]!]\??\.#[A-Za-z]/.test(text)) complain(file, "has a `#` member; use `private`");
  if (!/^src\/.*\.tsx?$/.test(file) || file.includes("/assembly/") || file.startsWith("src/types/")) continue;
  if (/throw new (Error|TypeError|RangeError)\(/.test(text)) complain(file, "throws a bare Error; use AssayError");
  if (/^export default/m.test(text)) complain(file, "has a default export");
  checkImports(file, text);
}
for (const lock of files.filter((file) => file.endsWith("package-lock.json"))) {
  if (/"resolved": *"http/.test(readFileSync(lock, "utf8"))) complain(lock, "contains download addresses");
}

for (const complaint of complaints) console.error(complaint);
if (complaints.length > 0) process.exit(1);
console.log(`structure: ${files.length} files, nothing to complain about`);
