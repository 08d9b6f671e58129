// npm can leave builds for other platforms out of package-lock.json (packages that ship one build per platform), and
// `npm ci` then refuses the lock ("Missing: X@ from lock file").
// This adds each missing optional dependency as a bare entry (pinned version, os, cpu; no integrity).
import { readFileSync, writeFileSync } from "node:fs";

const file = new URL("../package-lock.json", import.meta.url);
const lock = JSON.parse(readFileSync(file, "utf8"));
const os = ["android", "darwin", "freebsd", "linux", "netbsd", "openbsd", "openharmony", "sunos", "win32", "aix"];
const cpu = ["x64", "arm64", "arm", "ia32", "ppc64", "riscv64", "s390x", "loong64", "mips64el", "wasm32"];
let added = 0;
for (const [at, pkg] of Object.entries(lock.packages)) {
  if (at === "") continue;
  for (const [name, range] of Object.entries(pkg.optionalDependencies ?? {})) {
    const nested = `${at}/node_modules/${name}`;
    const top = `node_modules/${name}`;
    if (lock.packages[nested] || lock.packages[top]) continue;
    const words = name
      .split(/[/@._-]/)
      .map((w) => (w === "fsevents" ? "darwin" : w === "windows" ? "win32" : w === "amd64" ? "x64" : w));
    const entry = { version: range.replace(/^[\^~>=]+/, "").replace(/^npm:.*@/, "") };
    const c = cpu.filter((x) => words.includes(x));
    const o = os.filter((x) => words.includes(x));
    if (c.length) entry.cpu = c;
    if (pkg.dev) entry.dev = true;
    entry.optional = true;
    if (o.length) entry.os = o;
    if (words.includes("musl")) entry.libc = ["musl"];
    if (words.includes("gnu") && o.includes("linux")) entry.libc = ["glibc"];
    lock.packages[top] = entry;
    added++;
  }
}
const { "": root, ...rest } = lock.packages;
lock.packages = { "": root, ...Object.fromEntries(Object.entries(rest).sort(([a], [b]) => (a < b ? -1 : 1))) };
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
console.log(`package-lock.json: ${added} missing optional packages added`);
