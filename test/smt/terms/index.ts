export * from "./arithmetic.ts";
export * from "./bitwise.ts";
export * from "./logic.ts";
export * from "./pieces.ts";
export * from "./term.ts";
