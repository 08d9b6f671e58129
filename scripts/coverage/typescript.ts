import { parseAst } from "vitest/node";
import { type Condition, type Statement, type Wrap, wrap } from "./branches.ts";
import { type Node, walk } from "./syntax.ts";

export interface Countable {
  readonly conditions: readonly Condition[];
  readonly statements: readonly Statement[];
}

/** Every condition and statement of a TypeScript file; `??` and `?.` decide by whether their left side is there. */
export function typescriptCountable(source: string): Countable {
  const conditions: Condition[] = [];
  const statements: Statement[] = [];
  const decide = (part: unknown) => {
    if (!isAndOr(part as Node)) conditions.push(spanOf(part as Node));
  };
  const lookFor = (part: unknown) => conditions.push({ ...spanOf(part as Node), presence: true });
  const count = (part: unknown, place: Statement["place"]) => statements.push({ ...spanOf(part as Node), place });
  const alone = (body: unknown) => {
    const { type } = body as Node;
    if (type !== "BlockStatement") count(body, "alone");
  };
  walk(parseAst(source, { lang: "ts" }), "type", (node) => {
    if (/^TS(?!AsExpression|NonNull|Satisfies)/.test(node.type)) return false;
    switch (node.type) {
      case "LogicalExpression":
        if (node.operator === "??") lookFor(node.left);
        else for (const side of [node.left, node.right]) decide(side);
        break;
      case "ConditionalExpression":
        decide(node.test);
        break;
      case "IfStatement":
        decide(node.test);
        alone(node.consequent);
        if (node.alternate && (node.alternate as Node).type !== "IfStatement") alone(node.alternate);
        break;
      case "WhileStatement":
      case "DoWhileStatement":
      case "ForStatement":
        if (node.test) decide(node.test);
        alone(node.body);
        break;
      case "ForOfStatement":
        alone(node.body);
        break;
      case "MemberExpression":
        if (node.optional === true) lookFor(node.object);
        break;
      case "ArrowFunctionExpression":
        if (node.expression === true) count(node.body, "expression");
        break;
      case "Program":
      case "BlockStatement":
      case "StaticBlock":
        for (const statement of node.body as Node[]) if (isCounted(statement)) count(statement, "listed");
        break;
      case "SwitchCase":
        for (const statement of node.consequent as Node[]) if (isCounted(statement)) count(statement, "listed");
        break;
    }
    return undefined;
  });
  return { conditions, statements };
}

/**
 * The file with every condition and statement told to `probe.ts`, on the same lines.
 *
 * @param probe the import path of `probe.ts`
 * @param firstCondition the number of the first condition
 * @param firstStatement the number of the first statement
 */
export function probedTypescript(
  source: string,
  { conditions, statements }: Countable,
  probe: string,
  firstCondition: number,
  firstStatement: number,
): string {
  const decisions = conditions.map(({ presence, ...span }, i): Wrap => {
    return { ...span, before: `branchProbe.${presence ? "lookFor" : "decide"}(${firstCondition + i}, (`, after: "))" };
  });
  const reached = statements.map(({ place, ...span }, i): Wrap => {
    const call = `branchProbe.reach(${firstStatement + i})`;
    if (place === "listed") return { ...span, before: `${call}; `, after: "" };
    if (place === "alone") return { ...span, before: `{ ${call}; `, after: " }" };
    return { ...span, before: `(${call}, `, after: ")" };
  });
  return `import * as branchProbe from "${probe}"; ${wrap(source, [...reached, ...decisions])}`;
}

function isCounted({ type }: Node): boolean {
  return !/^(TS|Import|Export|FunctionDeclaration|ClassDeclaration|EmptyStatement|BlockStatement)/.test(type);
}

function isAndOr(node: Node): boolean {
  return node.type === "LogicalExpression" && node.operator !== "??";
}

function spanOf({ start, end }: Node): Condition {
  return { start: Number(start), end: Number(end) };
}
