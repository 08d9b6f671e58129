/** A part of a source file: UTF-16 offsets, the end exclusive. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/**
 * A condition that decides what is executed: of an if, a loop or a conditional expression, or an operand of "and" and "or". An
 * "and" or "or" itself is none: its operands decide. Each condition has two branches: it holds, or it does not.
 */
export interface Condition extends Span {
  /** It holds if the value is there (`??`, `?.`), not if it is true. */
  readonly presence?: boolean;
}

/** A statement in a list; one that is the body of something, without braces; an expression that is a function's body. */
export interface Statement extends Span {
  readonly place: "listed" | "alone" | "expression";
}

/** A part of a source file and what is to be written around it. */
export interface Wrap extends Span {
  readonly before: string;
  readonly after: string;
}

/** Writes all wraps; of two around the same part the first one is the outer one. */
export function wrap(source: string, wraps: readonly Wrap[]): string {
  const outerFirst = wraps.toSorted((one, other) => size(other) - size(one));
  const insertions = [
    // What ends at an offset is closed before anything opens there.
    ...outerFirst.toReversed().map(({ end, after }) => ({ at: end, text: after })),
    ...outerFirst.map(({ start, before }) => ({ at: start, text: before })),
  ];
  const parts: string[] = [];
  let from = 0;
  for (const { at, text } of insertions.sort((one, other) => one.at - other.at)) {
    parts.push(source.slice(from, at), text);
    from = at;
  }
  return parts.join("") + source.slice(from);
}

/** The number, from 1, of the line of an offset. */
export function lineOf(source: string, offset: number): number {
  return source.slice(0, offset).split("\n").length;
}

function size({ start, end }: Span): number {
  return end - start;
}
