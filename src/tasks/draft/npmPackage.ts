import type { Findings, ProjectView } from "./findings.ts";
import { scalar } from "./yamlText.ts";

const usual = ["src/index.ts", "src/index.js", "index.ts", "index.mjs", "index.js", "src/main.ts", "src/main.js"];
const isScript = /^(?:\.\/)?((?!.*\.\.)[A-Za-z0-9_@][A-Za-z0-9_./@-]{0,200}\.[cm]?[jt]sx?)$/;

/** The tasks of an npm package: a bundle of its entry, without what it depends on, which no environment can fetch. */
export function tasksOfPackage(project: ProjectView): Findings {
  const text = project.text("package.json");
  if (text === undefined) return { tasks: [], notes: [] };
  const description = objectIn(text);
  if (description === undefined) return { tasks: [], notes: ["package.json: cannot be read"] };
  const scripts = fieldOf(description, "scripts");
  const notes = ["build", "test"]
    .filter((name) => typeof fieldOf(scripts, name) === "string")
    .map((name) => `package.json: the script "${name}": no environment has Node.js and npm`);
  const entry = [...entriesOf(description), ...usual]
    .map((path) => isScript.exec(path)?.[1])
    .find((path) => path !== undefined && project.text(path) !== undefined);
  if (entry === undefined)
    return { tasks: [], notes: ["package.json: no script was found that it begins with", ...notes] };
  const command = `esbuild ${entry} --bundle --packages=external --platform=node --format=esm --outfile=dist/bundle.mjs`;
  return {
    tasks: [
      {
        name: "bundle",
        about: ["The package's own code in one file, bundled by esbuild; packages that it depends on stay outside."],
        fields: { environment: "small", run: scalar(command), output: "dist/bundle.mjs" },
      },
    ],
    notes,
  };
}

/** Where a package says that its code begins. */
function entriesOf(description: object): string[] {
  const exported = fieldOf(description, "exports");
  const main = fieldOf(exported, ".") ?? exported;
  const bin = fieldOf(description, "bin");
  const found = [
    fieldOf(description, "source"),
    ...[main, fieldOf(main, "import"), fieldOf(main, "default"), fieldOf(main, "node")],
    ...[fieldOf(description, "module"), fieldOf(description, "main")],
    ...(typeof bin === "object" && bin !== null ? Object.values(bin) : [bin]),
  ];
  return found.filter((each) => typeof each === "string");
}

function objectIn(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined;
}
