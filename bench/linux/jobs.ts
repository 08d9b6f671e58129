/** The builds that are measured inside the guest. */
import { encodeBuild } from "../../test/support/guestRun.ts";
import { cProject } from "./cProject.ts";

export const jobNames = ["boot", "tcc", "esbuild", "gcc"] as const;
export type JobName = (typeof jobNames)[number];

export interface Job {
  readonly environment: "small" | "c";
  readonly files: Readonly<Record<string, string>>;
  readonly command: string;
  readonly outputs: readonly string[];
}

/** Distance of a guest's checkpoints: two levels of a bisection of arity 16 (`src/guest/node/guestEnvironment.ts`). */
export const log2CheckpointTicks = 8;

const typescriptModules = 7;

const jobs: Readonly<Record<JobName, Job>> = {
  boot: { environment: "small", files: { out: "" }, command: "true", outputs: ["out"] },
  tcc: {
    environment: "small",
    files: cProject(24, 12),
    command: 'for file in *.c; do tcc -c "$file" || exit; done; tcc -o prog *.o && ./prog',
    outputs: ["prog"],
  },
  esbuild: {
    environment: "small",
    files: typescriptProject(),
    command: "esbuild index.ts --bundle --format=esm --minify --outfile=out.js",
    outputs: ["out.js"],
  },
  gcc: { environment: "c", files: cProject(10, 4), command: "make && ./prog", outputs: ["prog"] },
};

export function jobOf(name: JobName): Job {
  return jobs[name];
}

/** The job's input drive. */
export function inputOf(name: JobName): Uint8Array {
  const { files, command, outputs } = jobOf(name);
  return encodeBuild(files, { command, outputs, tickLimit: 100_000n });
}

function typescriptProject(): Record<string, string> {
  const files: Record<string, string> = {};
  const names = Array.from({ length: typescriptModules - 1 }, (_, i) => `part${i}`);
  for (const [i, name] of names.entries()) {
    files[`${name}.ts`] = `export interface Point${i} { readonly x: number; readonly y: number }
export function length${i}({ x, y }: Point${i}): number {
  return Math.sqrt((x - ${i}) ** 2 + (y + ${i}) ** 2);
}
export const origin${i}: Point${i} = { x: ${i}, y: ${-i} };
`;
  }
  const imports = names.map((name, i) => `import { length${i}, origin${i} } from "./${name}.ts";`);
  const sum = names.map((_, i) => `length${i}(origin${i})`).join(" + ");
  files["index.ts"] = `${imports.join("\n")}\nexport const sum: number = ${sum};\n`;
  return files;
}
