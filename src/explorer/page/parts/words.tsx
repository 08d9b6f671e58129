import { printable } from "../../../core/printable.ts";

interface WordsProps {
  /** Whatever somebody has written. */
  readonly text: string;
  readonly most?: number;
  /** In the type of code. */
  readonly isCode?: boolean;
}

/** A text from outside: in one line, control characters shown, cut, and apart from the direction of writing around it. */
export function Words({ text, most = 300, isCode = false }: WordsProps) {
  const shown = printable(text, most);
  return isCode ? <code class="words">{shown}</code> : <bdi class="words">{shown}</bdi>;
}

/** An address as a link if it is one that a browser can safely follow; else as text. */
export function OutsideLink({ text }: { readonly text: string }) {
  const url = URL.parse(text.replace(/^git\+(?=https?:)/, ""));
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== "" || url.password !== "")
    return <Words text={text} />;
  return (
    <a class="words" href={url.href} rel="noopener noreferrer nofollow" target="_blank">
      {printable(text, 300)}
    </a>
  );
}
