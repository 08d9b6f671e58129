import { printableLines } from "../core/printable.ts";

/**
 * What a build prints, as an operator's terminal may show it: lines and tabs stay, returns to the line's beginning become new
 * lines, everything that would steer the terminal is shown as its code.
 */
export class ConsoleText {
  private decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  /** A line was ended by a return: the new line that may follow it belongs to it. */
  private returned = false;

  /** The next piece; a character that is cut in two is kept for the piece behind it. */
  take(bytes: Uint8Array): string {
    return this.show(this.decoder.decode(bytes, { stream: true }));
  }

  /** What is left when nothing follows, or something is missing before what follows. */
  end(): string {
    const rest = this.show(this.decoder.decode());
    this.returned = false;
    return rest;
  }

  private show(text: string): string {
    if (text === "") return "";
    const fresh = this.returned ? text.replace(/^\r*\n?/, "") : text;
    this.returned = /\r$/.test(text) && (fresh !== "" || /^\r*$/.test(text));
    return printableLines(fresh.replace(/\r+\n?/g, "\n"));
  }
}
