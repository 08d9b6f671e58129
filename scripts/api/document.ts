/**
 * Writes `docs/api.md` from the library's declaration files and the examples in `docs/examples/api`. It reads the declarations as
 * text, as the compiler writes them.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { type Declaration, declarationOf } from "./declarations.ts";
import { type ApiModule, type ApiName, readApi } from "./names.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
export const apiDocument = join(root, "docs/api.md");

const introduction = `<!-- Written by \`npm run docs:api\` from the declarations and from docs/examples/api; a test says when it is stale. -->

# The library

\`\`\`
npm install <archive>
\`\`\`

Each section is one subpath of the package, with its types. All but \`assay/build\` run in browsers too; none needs a bundler's help
in Node. Names that no section has are not part of the library. Errors are \`AssayError\`s: their \`code\` is what programs branch
on, and says which \`details\` they have; their message says what to do.

Besides modules the package has files, by these paths:

| path | holds |
| --- | --- |
| \`assay/contracts/**.sol\` | the contracts; \`import "assay/contracts/interfaces/IAssay.sol"\` in one's own |
| \`assay/wasm/*.wasm\` | the programs, and the hash functions that \`KeccakKernel\` is made of (\`keccak\`, \`fingerprint\`) |
| \`assay/environments/*.json\` | what \`parseEnvironment\` reads |
| \`assay/schema/tasks.json\` | the JSON Schema of \`.assay/tasks.yaml\`, for editors |
| \`assay/parameters/*.json\` | parameter sets of deployments |
| \`assay/deployments/*.json\` | deployments on public chains, where there are any; \`parseRecord\` reads them |
`;

/** What TypeChain generates has no documentation; the contracts have it in Solidity. */
const contracts: Readonly<Record<string, string>> = {
  Assay: "the protocol",
  AssayLens: "views for people",
  StepVerifier: "one step of the machine",
  IAssay: "the interface of `Assay`",
  IStepVerifier: "the interface of `StepVerifier`",
};

/** The text of the document. */
export function composeApiDocument(): string {
  const folder = mkdtempSync(join(tmpdir(), "assay-declarations-"));
  try {
    const compiler = join(root, "node_modules/.bin/tsc");
    const options = ["--emitDeclarationOnly", "--outDir", folder];
    execFileSync(process.execPath, [compiler, "-p", "tsconfig.build.json", ...options], { cwd: root, stdio: "pipe" });
    return [introduction, ...readApi().map((module) => section(module, join(folder, "api")))].join("\n");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Where the example of a module stands. */
export function exampleOf({ file }: ApiModule): string {
  return file.replace("src/api/", "docs/examples/api/");
}

function section(module: ApiModule, folder: string): string {
  const example = readFileSync(join(root, exampleOf(module)), "utf8").trimEnd();
  const described = module.names.map((name) => ({ ...name, ...describe(name, folder) }));
  const of = (kind: Declaration["kind"]) => described.filter((each) => each.kind === kind);
  const list = (title: string, lines: readonly string[]) =>
    lines.length === 0 ? "" : `\n**${title}**\n\n${lines.join("\n")}\n`;
  return [
    `## ${module.specifier}\n\n${module.about.replace(/\s+/g, " ")}\n\n\`\`\`ts\n${example}\n\`\`\`\n`,
    ...of("function").map((each) => `\n\`\`\`ts\n${each.signature}\n\`\`\`\n\n${sentences(each)}\n`),
    list(
      "Classes and values",
      [...of("class"), ...of("constant")].map((each) => `- \`${each.name}\`: ${sentences(each)}`),
    ),
    list(
      "Types",
      of("type").map((each) => `- \`${each.name}\`: ${sentences(each)}`),
    ),
  ].join("");
}

function sentences({ name, about, throws }: Declaration & ApiName): string {
  const contract = contracts[name.replace("__factory", "")];
  if (contract !== undefined)
    return name.endsWith("__factory") ? `ABI and \`connect\`: ${contract}.` : `Typed calls: ${contract}.`;
  if (about === "") throw new Error(`${name} has no documentation: every public name needs a sentence`);
  return throws === undefined ? about : `${about} Throws ${throws.replace(/\.?$/, ".")}`;
}

function describe({ name, from }: ApiName, folder: string): Declaration {
  let file = join(folder, from.replace(/\.ts$/, ".d.ts"));
  for (;;) {
    const text = readFileSync(file, "utf8");
    const found = declarationOf(text, name);
    if (found !== undefined) return found;
    // It may come from another file by way of this one.
    const through = [...text.matchAll(/export \{([^}]*)\} from "([^"]+)"/g)].find(([, list]) =>
      list!.split(",").some((each) => each.trim().replace(/^type /, "") === name),
    );
    if (through === undefined) throw new Error(`${file} does not declare ${name}`);
    file = join(file, "..", through[2]!.replace(/\.ts$/, ".d.ts"));
    if (!existsSync(file)) throw new Error(`${name}: there is no ${file}`);
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) writeFileSync(apiDocument, composeApiDocument());
