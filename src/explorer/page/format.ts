/** Numbers and times as people read them. */

const units = [
  ["d", 86_400],
  ["h", 3600],
  ["min", 60],
  ["s", 1],
] as const;

/** A length of time in its two largest units: `2 d 3 h`, `45 s`. */
export function duration(seconds: number): string {
  let left = Math.max(0, Math.round(seconds));
  if (left === 0) return "0 s";
  const parts: string[] = [];
  for (const [unit, size] of units) {
    const count = Math.floor(left / size);
    left -= count * size;
    if (count > 0) parts.push(`${count} ${unit}`);
    else if (parts.length > 0) break;
    if (parts.length === 2) break;
  }
  return parts.join(" ");
}

/** How long ago, or in what time: `3 min ago`, `in 45 s`. */
export function relative(seconds: number, now: number): string {
  const difference = now - seconds;
  if (Math.abs(difference) < 1) return "now";
  const largest = duration(Math.abs(difference)).split(" ").slice(0, 2).join(" ");
  return difference > 0 ? `${largest} ago` : `in ${largest}`;
}

/** A second of a chain in universal time; the number itself where no calendar has it. */
export function dateText(seconds: number): string {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? String(seconds) : date.toISOString().replace(".000Z", "Z").replace("T", " ");
}

/** @param wei decimal. @returns ether, without zeros at its end. */
export function ether(wei: string): string {
  const digits = wei.padStart(19, "0");
  const [whole, rest] = [digits.slice(0, -18), digits.slice(-18).replace(/0+$/, "")];
  return `${grouped(whole)}${rest === "" ? "" : `.${rest}`} ETH`;
}

/** A whole number with thin spaces between its thousands. */
export function grouped(number: number | bigint | string): string {
  return String(number).replace(/\B(?=(\d{3})+(?!\d))/g, "\u2009");
}

export function bytesText(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  const [value, unit] = bytes < 1e6 ? [bytes / 1e3, "kB"] : bytes < 1e9 ? [bytes / 1e6, "MB"] : [bytes / 1e9, "GB"];
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${unit}`;
}

/** The beginning and the end of a hash: enough to recognise it by. */
export function shortHash(hash: string, digits = 6): string {
  const body = hash.startsWith("0x") ? hash.slice(2) : hash;
  if (body.length <= 2 * digits + 2) return hash;
  return `${hash.startsWith("0x") ? "0x" : ""}${body.slice(0, digits)}…${body.slice(-digits)}`;
}

/** How many, in words: `1 claim`, `3 claims`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${grouped(count)} ${count === 1 ? one : many}`;
}
