import { createRequire } from "node:module";
import { type Condition, wrap } from "./branches.ts";
import { type Node, walk } from "./syntax.ts";

const solc: { compile(input: string): string } = createRequire(import.meta.url)("solc");

/** Every condition of a Solidity file. Inline assembly has none that can be counted. */
export function solidityConditions(source: string): Condition[] {
  const input = {
    language: "Solidity",
    sources: { file: { content: source } },
    settings: { stopAfter: "parsing", outputSelection: { "*": { "": ["ast"] } } },
  };
  const output: { sources?: { file?: { ast: unknown } }; errors?: { formattedMessage: string }[] } = JSON.parse(
    solc.compile(JSON.stringify(input)),
  );
  const ast = output.sources?.file?.ast;
  if (ast === undefined) throw new Error(output.errors?.map((e) => e.formattedMessage).join("\n"));
  const conditions: Condition[] = [];
  const bytes = Buffer.from(source);
  const add = (part: unknown) => {
    const node = part as Node;
    if (isAndOr(bare(node))) return;
    const [start = 0, length = 0] = String(node.src).split(":").map(Number);
    const offset = (at: number) => bytes.subarray(0, at).toString().length;
    conditions.push({ start: offset(start), end: offset(start + length) });
  };
  walk(ast, "nodeType", (node) => {
    // A constant is computed by the compiler.
    if (node.nodeType === "VariableDeclaration" && node.constant === true) return false;
    if (isAndOr(node)) {
      add(node.leftExpression);
      add(node.rightExpression);
    } else if (/^(If|While|DoWhile|For)Statement$|^Conditional$/.test(String(node.nodeType)) && node.condition) {
      add(node.condition);
    }
    return undefined;
  });
  return conditions;
}

/**
 * The file with every condition told to `BranchProbe`, on the same lines.
 *
 * @param probe the import path of `BranchProbe.sol`
 * @param firstId the number of the first condition
 */
export function probedSolidity(
  source: string,
  conditions: readonly Condition[],
  probe: string,
  firstId: number,
): string {
  const calls = conditions.map((span, i) => ({ ...span, before: `BranchProbe.at(${firstId + i}, (`, after: "))" }));
  return `import {BranchProbe} from "${probe}"; ${wrap(source, calls)}`;
}

function isAndOr(node: Node): boolean {
  return node.nodeType === "BinaryOperation" && (node.operator === "&&" || node.operator === "||");
}

/** Without its parentheses, which are a tuple of one. */
function bare(node: Node): Node {
  const [only, more] = node.nodeType === "TupleExpression" ? (node.components as Node[]) : [];
  return only && !more ? bare(only) : node;
}
