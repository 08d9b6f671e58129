import { describe, expect, it } from "vitest";
import { ConsoleText } from "../../src/cli/consoleText.ts";

const shown = (...pieces: readonly (string | readonly number[])[]): string => {
  const text = new ConsoleText();
  return pieces.map((piece) => text.take(Buffer.from(piece as string))).join("") + text.end();
};

describe("what a build prints", () => {
  it("does not steer the operator's terminal", () => {
    expect(shown("\x1b[2J\x1b]0;title\x07\x1b[8m\b")).toBe("\\u001b[2J\\u001b]0;title\\u0007\\u001b[8m\\u0008");
    expect(shown([0xc2, 0x9b, 0x41, 0x9b, 0x42])).toBe("\\u009bA\ufffdB");
    expect(shown("\u202etxt.exe")).toBe("\\u202etxt.exe");
  });

  it("overwrites no line", () => {
    expect(shown("10 %\r20 %\r\r\ndone\r\n")).toBe("10 %\n20 %\ndone\n");
  });

  it("is the same however it is cut into pieces", () => {
    const bytes = [...Buffer.from("é\r\n\r\r\n大\tx\r\ry\x1b[m\r")];
    const whole = shown(bytes);
    expect(shown(...bytes.map((byte) => [byte]))).toBe(whole);
    for (let at = 0; at <= bytes.length; at++) expect(shown(bytes.slice(0, at), bytes.slice(at))).toBe(whole);
    expect(whole).toBe("é\n\n大\tx\ny\\u001b[m\n");
  });

  it("ends with what is left of a character", () => {
    expect(shown([0x41, 0xe5, 0xa4])).toBe("A\ufffd");
  });
});
