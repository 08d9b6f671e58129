/**
 * What the maintainers' scripts of Debian would have done, as far as builds need it: a declared list, each step a function of the
 * tree alone.
 */
import { readContent } from "../../../erofs/entry.ts";
import type { DebianPackage } from "../lock.ts";
import { type RootTree, textFile } from "../rootTree.ts";

/** Folders that Debian has merged into /usr. */
const merged = ["bin", "lib", "sbin"];

/** Names that packages leave to Debian's alternatives: link in /usr/bin -> programs, the first that is there. */
const alternatives: Readonly<Record<string, readonly string[]>> = {
  awk: ["gawk", "mawk", "original-awk"],
  nawk: ["gawk", "mawk", "original-awk"],
  cc: ["gcc", "clang", "tcc"],
  "c++": ["g++", "clang++"],
  c89: ["c89-gcc"],
  c99: ["c99-gcc"],
  which: ["which.debianutils"],
  yacc: ["bison.yacc", "byacc"],
  lex: ["flex"],
  automake: ["automake-1.17"],
  aclocal: ["aclocal-1.17"],
  js: ["node"],
};

const files: Readonly<Record<string, string>> = {
  "etc/passwd":
    "root:x:0:0:root:/root:/bin/sh\nbuild:x:1000:1000:build:/tmp:/bin/sh\nnobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n",
  "etc/group": "root:x:0:\ntty:x:5:\nbuild:x:1000:\nnogroup:x:65534:\n",
  "etc/shells": "/bin/sh\n/bin/bash\n",
  "etc/hostname": "assay\n",
  "etc/hosts": "127.0.0.1 localhost assay\n::1 localhost\n",
  "etc/nsswitch.conf":
    "passwd: files\ngroup: files\nshadow: files\nhosts: files\nnetworks: files\nprotocols: files\nservices: files\n",
  "etc/resolv.conf": "# there is no network\n",
};

/** Links of the merged /usr, before anything is unpacked. */
export function mergeUsr(tree: RootTree): void {
  for (const name of merged) {
    tree.putFolder(`usr/${name}`, 0o755);
    tree.put(name, { kind: "link", target: `usr/${name}` });
  }
}

/** Everything that is done once all packages are unpacked, but for what runs programs of the tree. */
export async function configure(tree: RootTree, packages: readonly DebianPackage[], controls: readonly string[]) {
  for (const [name, programs] of Object.entries(alternatives)) {
    const program = programs.find((each) => tree.get(`usr/bin/${each}`) !== undefined);
    if (program !== undefined && tree.get(`usr/bin/${name}`) === undefined) {
      tree.put(`usr/bin/${name}`, { kind: "link", target: program });
    }
  }
  for (const [path, text] of Object.entries(files)) tree.put(path, textFile(text));
  await bundleCertificates(tree);
  listPackages(tree, packages, controls);
}

/** The certificates of authorities as one file, which is what programs read. */
async function bundleCertificates(tree: RootTree): Promise<void> {
  const folder = tree.resolve("usr/share/ca-certificates/mozilla");
  if (folder?.kind !== "folder") return;
  const parts: string[] = [];
  for (const name of [...folder.entries.keys()].sort()) {
    const entry = folder.entries.get(name)!;
    if (entry.kind === "file")
      parts.push(
        `${Buffer.from(await readContent(entry.content))
          .toString("latin1")
          .trimEnd()}\n`,
      );
  }
  tree.put("etc/ssl/certs/ca-certificates.crt", textFile(parts.join("")));
}

/** The packages as dpkg lists what is installed, for tools that ask it. */
function listPackages(tree: RootTree, packages: readonly DebianPackage[], controls: readonly string[]): void {
  const paragraphs = packages.map(({ name }, i) => {
    const rest = controls[i]!.trimEnd().replace(/^Package: .*\n/m, "");
    return `Package: ${name}\nStatus: install ok installed\n${rest}\n`;
  });
  tree.put("var/lib/dpkg/status", textFile(paragraphs.join("\n")));
  tree.put("var/lib/dpkg/available", textFile(""));
}
