import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { deflateSync } from "node:zlib";
import { ed25519 } from "@noble/curves/ed25519";
import { base58 } from "@scure/base";
import { type KeyId, keyIdOf } from "../../src/attestation/keys.ts";
import { type NodeId, nodeOf, type ObjectId, type RepositoryId, repositoryIdOf } from "../../src/radicle/ids.ts";
import { gitEnvironment } from "./gitRepository.ts";

/** Somebody with a node: a key made from a number. */
export class Person {
  readonly key: KeyId;
  readonly node: NodeId;
  private readonly secret: Uint8Array;

  constructor(seed: number) {
    this.secret = createHash("sha256").update(`person ${seed}`).digest();
    this.key = keyIdOf(ed25519.getPublicKey(this.secret));
    this.node = nodeOf(this.key);
  }

  get publicKey(): Uint8Array {
    return ed25519.getPublicKey(this.secret);
  }

  sign(message: Uint8Array): Uint8Array {
    return ed25519.sign(message, this.secret);
  }
}

export const people = Array.from({ length: 8 }, (_, seed) => new Person(seed));

/** What an identity document says here if nothing else is asked for. */
export function documentOf(delegates: readonly Person[], more: Readonly<Record<string, unknown>> = {}) {
  return {
    payload: { "xyz.radicle.project": { defaultBranch: "main", description: "", name: "project" } },
    delegates: delegates.map(({ key }) => key),
    threshold: 1,
    ...more,
  };
}

export interface TreeLine {
  readonly mode?: string;
  readonly name: string;
  readonly id: ObjectId;
}

export interface CommitParts {
  readonly tree: ObjectId;
  readonly parents?: readonly ObjectId[];
  readonly time?: number;
  readonly headers?: string;
  readonly message?: string;
}

/** How the signed refs of somebody are made; whatever is not said is as a node does it. */
export interface SigningOptions {
  readonly level?: "none" | "root" | "parent";
  /** Instead of the refs in the namespace. */
  readonly refs?: ReadonlyMap<string, ObjectId>;
  /** Instead of the list that follows from them. */
  readonly list?: Uint8Array | string;
  readonly signature?: Uint8Array;
  readonly parents?: readonly ObjectId[];
  readonly signer?: Person;
}

const utf8 = (text: string | Uint8Array) => (typeof text === "string" ? new TextEncoder().encode(text) : text);

/** A repository in a Radicle storage, made object by object and ref by ref, as nobody's node would have to. */
export class RadicleStorage {
  readonly id: RepositoryId;
  readonly gitDirectory: string;
  /** The first entry of its identity. */
  readonly root: ObjectId;
  readonly firstDocument: ObjectId;
  readonly refs = new Map<Person, Map<string, ObjectId>>();
  private clock = 1_700_000_000;

  /** @param home the node's folder, `RAD_HOME`. @param document the first one; its first delegate has to be the founder. */
  constructor(
    readonly home: string,
    readonly founder: Person,
    document: object,
  ) {
    const text = JSON.stringify(document);
    this.firstDocument = hashOf("blob", utf8(text));
    this.id = repositoryIdOf(Buffer.from(this.firstDocument, "hex"));
    this.gitDirectory = join(home, "storage", this.id.slice("rad:".length));
    mkdirSync(this.gitDirectory, { recursive: true });
    execFileSync("git", ["init", "--quiet", "--bare", "--template=", this.gitDirectory], { env: gitEnvironment });
    this.blob(text);
    const signature = this.sealOf(founder, this.firstDocument);
    this.root = this.entry(
      founder,
      [{ type: "revision", title: "Initial revision", blob: this.firstDocument, parent: null, signature }],
      {
        document: this.firstDocument,
        parents: [],
      },
    );
    this.set(founder, "refs/rad/id", this.root);
  }

  object(type: string, content: string | Uint8Array): ObjectId {
    const bytes = utf8(content);
    const id = hashOf(type, bytes);
    const file = this.fileOf(id);
    if (!existsSync(file)) write(file, packed(type, bytes));
    return id;
  }

  blob(content: string | Uint8Array): ObjectId {
    return this.object("blob", content);
  }

  tree(lines: readonly TreeLine[]): ObjectId {
    const sorted = [...lines].sort((a, b) => (sortName(a) < sortName(b) ? -1 : 1));
    const parts = sorted.flatMap(({ mode = "100644", name, id }) => [
      utf8(`${mode} ${name}\0`),
      Buffer.from(id, "hex"),
    ]);
    return this.object("tree", Buffer.concat(parts));
  }

  commit({ tree, parents = [], time = this.clock++, headers = "", message = "text\n" }: CommitParts): ObjectId {
    const who = `A <a@example.org> ${time} +0000`;
    const lines = parents.map((id) => `parent ${id}\n`).join("");
    return this.object("commit", `tree ${tree}\n${lines}author ${who}\ncommitter ${who}\n${headers}\n${message}`);
  }

  /** A commit of the project. */
  work(files: Readonly<Record<string, string>>, parents: readonly ObjectId[] = []): ObjectId {
    return this.commit({ tree: this.folder(files), parents });
  }

  tag(target: ObjectId, name: string): ObjectId {
    return this.object(
      "tag",
      `object ${target}\ntype commit\ntag ${name}\ntagger A <a@example.org> ${this.clock++} +0000\n\ntext\n`,
    );
  }

  /** Removes an object. */
  lose(id: ObjectId): void {
    rmSync(this.fileOf(id));
  }

  /** Puts another object's bytes in an object's place, as they would be stored. */
  swap(id: ObjectId, content: string): void {
    this.damage(id, packed("blob", utf8(content)));
  }

  /** Writes something else in an object's place. */
  damage(id: ObjectId, content: Uint8Array): void {
    writeFileSync(this.fileOf(id), content);
  }

  /** An entry of the identity, which becomes the person's last one. */
  entry(
    person: Person,
    actions: readonly object[],
    options: {
      document?: ObjectId;
      parents?: readonly ObjectId[];
      time?: number;
      signer?: Person;
      message?: string;
    } = {},
  ): ObjectId {
    const { document, signer = person } = options;
    const lines: TreeLine[] = [
      { name: "manifest", id: this.blob('{"typeName":"xyz.radicle.id","version":1}') },
      ...actions.map((action, at) => ({ name: String(at), id: this.blob(JSON.stringify(action)) })),
    ];
    if (document !== undefined) {
      lines.push({ mode: "40000", name: "embeds", id: this.tree([{ name: "radicle.json", id: document }]) });
    }
    const tree = this.tree(lines);
    const parents = options.parents ?? [this.lastEntry(person)];
    const signature = sshSignature(person.publicKey, signer.sign(Buffer.from(tree, "hex")));
    const { time, message } = options;
    const id = this.commit({
      ...{ tree, parents, headers: `gpgsig ${signature.replaceAll("\n", "\n ")}\n` },
      ...(time !== undefined && { time }),
      ...(message !== undefined && { message }),
    });
    this.set(person, `refs/cobs/xyz.radicle.id/${this.root ?? id}`, id);
    return id;
  }

  /** Somebody's signature of a document, as actions hold it. */
  sealOf(person: Person, blob: ObjectId): string {
    return `z${base58.encode(person.sign(Buffer.from(blob, "hex")))}`;
  }

  /** Proposes a document. @returns the revision. */
  propose(
    person: Person,
    document: object,
    parent: ObjectId,
    options: { parents?: readonly ObjectId[]; time?: number } = {},
  ): ObjectId {
    const blob = this.blob(JSON.stringify(document));
    const action = { type: "revision", title: "Change", blob, parent, signature: this.sealOf(person, blob) };
    return this.entry(person, [action], { ...options, document: blob });
  }

  accept(person: Person, revision: ObjectId, document: object, parents: readonly ObjectId[] = [revision]): ObjectId {
    const blob = hashOf("blob", utf8(JSON.stringify(document)));
    const signature = this.sealOf(person, blob);
    return this.entry(person, [{ type: "revision.accept", revision, signature }], { parents });
  }

  set(person: Person, ref: string, id: ObjectId | undefined): void {
    const refs = this.refs.get(person) ?? new Map<string, ObjectId>();
    this.refs.set(person, refs);
    const file = join(this.gitDirectory, "refs", "namespaces", person.node, ref);
    if (id === undefined) {
      refs.delete(ref);
      rmSync(file, { force: true });
    } else {
      refs.set(ref, id);
      write(file, `${id}\n`);
    }
  }

  /** Signs what a person has, on top of what was signed before. @returns the commit. */
  sign(person: Person, options: SigningOptions = {}): ObjectId {
    const { level = "parent", signer = person } = options;
    const before = this.refs.get(person)?.get("refs/rad/sigrefs");
    const parents = options.parents ?? (before === undefined ? [] : [before]);
    if (level === "none") this.set(person, "refs/rad/root", undefined);
    else this.set(person, "refs/rad/root", this.root);
    const refs = new Map(options.refs ?? this.refs.get(person));
    refs.delete("refs/rad/sigrefs");
    if (level === "parent" && parents[0] !== undefined) refs.set("refs/rad/sigrefs-parent", parents[0]);
    const list = utf8(options.list ?? listOf(refs));
    const signature = options.signature ?? signer.sign(list);
    const tree = this.tree([
      { name: "refs", id: this.blob(list) },
      { name: "signature", id: this.blob(signature) },
    ]);
    const commit = this.commit({ tree, parents, message: "Update signed refs\n" });
    this.set(person, "refs/rad/sigrefs", commit);
    return commit;
  }

  /** Removes all that is there of somebody. */
  forget(person: Person): void {
    this.refs.delete(person);
    rmSync(join(this.gitDirectory, "refs", "namespaces", person.node), { recursive: true, force: true });
  }

  git(...args: string[]): string {
    const options = { env: gitEnvironment, encoding: "utf8", stdio: "pipe" } as const;
    return execFileSync("git", [`--git-dir=${this.gitDirectory}`, ...args], options).trimEnd();
  }

  private lastEntry(person: Person): ObjectId {
    return this.refs.get(person)?.get(`refs/cobs/xyz.radicle.id/${this.root}`) ?? this.root;
  }

  private folder(files: Readonly<Record<string, string>>): ObjectId {
    const inner = new Map<string, Record<string, string>>();
    const lines: TreeLine[] = [];
    for (const [path, content] of Object.entries(files)) {
      const slash = path.indexOf("/");
      if (slash < 0) lines.push({ name: path, id: this.blob(content) });
      else inner.set(path.slice(0, slash), { ...inner.get(path.slice(0, slash)), [path.slice(slash + 1)]: content });
    }
    for (const [name, below] of inner) lines.push({ mode: "40000", name, id: this.folder(below) });
    return this.tree(lines);
  }

  private fileOf(id: ObjectId): string {
    return join(this.gitDirectory, "objects", id.slice(0, 2), id.slice(2));
  }
}

/** A storage in which a project's delegates all have the same commit on `main`, and have signed it. */
export function projectStorage(
  home: string,
  delegates: readonly Person[],
  more: Readonly<Record<string, unknown>> = {},
  files: Readonly<Record<string, string>> = { README: "text\n" },
) {
  const storage = new RadicleStorage(home, delegates[0]!, documentOf(delegates, more));
  const commit = storage.work(files);
  for (const person of delegates) {
    storage.set(person, "refs/heads/main", commit);
    storage.sign(person);
  }
  return { storage, commit };
}

function listOf(refs: ReadonlyMap<string, ObjectId>): string {
  const names = [...refs.keys()].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  return names.map((name) => `${refs.get(name)} ${name}\n`).join("");
}

/** An object as git keeps it. */
function packed(type: string, bytes: Uint8Array): Uint8Array {
  return deflateSync(Buffer.concat([utf8(`${type} ${bytes.length}\0`), bytes]));
}

function hashOf(type: string, bytes: Uint8Array): ObjectId {
  return createHash("sha1").update(`${type} ${bytes.length}\0`).update(bytes).digest("hex");
}

function write(file: string, content: string | Uint8Array): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
}

function sortName({ mode, name }: TreeLine): string {
  return mode === "40000" ? `${name}/` : name;
}

/** As ssh-keygen writes it. */
export function sshSignature(publicKey: Uint8Array, signature: Uint8Array): string {
  const string = (bytes: string | Uint8Array) => {
    const content = utf8(bytes);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(content.length);
    return Buffer.concat([length, content]);
  };
  const version = Buffer.from([0, 0, 0, 1]);
  const all = Buffer.concat([
    utf8("SSHSIG"),
    version,
    string(Buffer.concat([string("ssh-ed25519"), string(publicKey)])),
    ...[string("radicle"), string(""), string("sha256")],
    string(Buffer.concat([string("ssh-ed25519"), string(signature)])),
  ]);
  const lines = all.toString("base64").match(/.{1,70}/g)!;
  return `-----BEGIN SSH SIGNATURE-----\n${lines.join("\n")}\n-----END SSH SIGNATURE-----`;
}
