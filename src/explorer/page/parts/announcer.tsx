import { signal } from "@preact/signals";

const message = signal("");

/** Has something read out, once, when nothing else is. */
export function announce(text: string): void {
  message.value = "";
  setTimeout(() => {
    message.value = text;
  }, 50);
}

/** Where what is announced stands for those who hear the page. */
export function Announcer() {
  return (
    <p class="only-heard" role="status">
      {message.value}
    </p>
  );
}
