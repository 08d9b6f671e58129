/** Longest name of a ref. */
const mostCharacters = 1024;

/** Whether git takes a text for the full name of a ref (`git check-ref-format`): `refs/heads/main`. */
export function isRefName(name: string): boolean {
  return isWellFormed(name) && !name.includes("*");
}

/** Whether it is the full name of a ref with at most one `*` in it. */
export function isRefPattern(name: string): boolean {
  return isWellFormed(name) && name.split("*").length <= 2;
}

function isWellFormed(name: string): boolean {
  if (!name.startsWith("refs/") || name.length > mostCharacters) return false;
  if (/[\p{Cc}\p{Cs} ~^:?[\\]|\.\.|@\{|\.$/u.test(name)) return false;
  const parts = name.split("/");
  return parts.length >= 2 && parts.every((part) => part !== "" && !part.startsWith(".") && !part.endsWith(".lock"));
}
