import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { decodeDrive } from "../../src/source/drive.ts";
import { readSource } from "../../src/source/node/readSource.ts";
import { createRepository, type GitRepository, gitEnvironment } from "../support/gitRepository.ts";

let folder: string;
let sample: GitRepository;
let commit: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "assay-git-"));
  sample = createRepository(join(folder, "sample"));
  sample.write("unix.txt", "one\ntwo\n");
  sample.write("dos.txt", "one\r\ntwo\r\n");
  sample.write("run.sh", "#!/bin/sh\n", 0o755);
  sample.write("dir/ünïcode", "$Format:%H$ $Id$\n");
  sample.write("dir.txt", "sorts between dir and dir/");
  sample.write("ignored-by-export", "kept");
  sample.write(
    ".gitattributes",
    "* text=auto eol=crlf ident\nignored-by-export export-ignore\ndir/* export-subst\nunix.txt filter=evil\n",
  );
  symlinkSync("dir/ünïcode", join(sample.path, "link"));
  sample.git("config", "core.autocrlf", "false");
  commit = sample.commit(1_651_234_567);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const repository = (name: string) => createRepository(join(folder, name));
const contentOf = (drive: Uint8Array) =>
  Object.fromEntries(
    decodeDrive(drive).entries.map(({ path, kind, content }) => [path, `${kind}:${new TextDecoder().decode(content)}`]),
  );

describe("source of a git commit", () => {
  it("holds the blobs as they were committed, with the committer's time", async () => {
    const { drive, description } = await readSource(sample.path);
    expect(description).toEqual({
      kind: "git",
      location: sample.path,
      revision: "HEAD",
      commit,
      tree: sample.git("rev-parse", "HEAD^{tree}"),
      name: `source-${commit.slice(0, 12)}`,
      time: 1_651_234_567,
      entries: 8,
      driveSize: drive.length,
    });
    expect(decodeDrive(drive).time).toBe(1_651_234_567);
    expect(contentOf(drive)).toMatchObject({
      "unix.txt": `file:${sample.git("cat-file", "blob", "HEAD:unix.txt")}\n`,
      "run.sh": "executable:#!/bin/sh\n",
      "dir/ünïcode": "file:$Format:%H$ $Id$\n",
      "ignored-by-export": "file:kept",
      link: "symlink:dir/ünïcode",
    });
  });

  it("is the same for every clone, umask, locale and setting", async () => {
    const { drive } = await readSource(sample.path);
    const locales = ["C", "C.UTF-8", "tr_TR.UTF-8"];
    for (const [i, umask] of ["0000", "0077", "0027"].entries()) {
      const clone = join(folder, `clone-${umask}`);
      const settings = ["core.autocrlf=true", "core.eol=crlf", "core.symlinks=false", "core.fileMode=false"];
      execFileSync(
        "sh",
        [
          "-c",
          `umask ${umask} && exec git clone --quiet "$@"`,
          "sh",
          ...settings.flatMap((each) => ["-c", each]),
          sample.path,
          clone,
        ],
        { env: { ...gitEnvironment, LC_ALL: locales[i] } },
      );
      const environment = {
        ...process.env,
        LC_ALL: locales[i],
        LANG: locales[i],
        TZ: "Asia/Kolkata",
        GIT_DIR: "elsewhere",
      };
      expect((await readSource(clone, { environment })).drive).toEqual(drive);
    }
  });

  it("is the same from a bare clone, a packed, a shallow one, a linked working tree and a file URL", async () => {
    const { drive } = await readSource(sample.path);
    const bare = join(folder, "bare.git");
    sample.git("clone", "--quiet", "--bare", sample.path, bare);
    expect((await readSource(bare)).drive).toEqual(drive);
    execFileSync("git", ["-C", bare, "gc", "--quiet"], { env: gitEnvironment });
    expect((await readSource(bare)).drive).toEqual(drive);
    const shallow = join(folder, "shallow");
    sample.git("clone", "--quiet", "--depth=1", pathToFileURL(sample.path).href, shallow);
    expect((await readSource(shallow)).drive).toEqual(drive);
    const linked = join(folder, "linked");
    sample.git("worktree", "add", "--quiet", linked, "HEAD");
    expect((await readSource(linked)).drive).toEqual(drive);
    const url = `git+${pathToFileURL(sample.path).href}#${commit}`;
    expect((await readSource(url)).drive).toEqual(drive);
  });

  it("ignores uncommitted changes, the index and sparse checkouts", async () => {
    const clone = join(folder, "dirty");
    sample.git("clone", "--quiet", sample.path, clone);
    writeFileSync(join(clone, "unix.txt"), "changed");
    writeFileSync(join(clone, "untracked"), "new");
    rmSync(join(clone, "run.sh"));
    execFileSync("git", ["add", "--all"], { cwd: clone, env: gitEnvironment });
    expect((await readSource(clone)).drive).toEqual((await readSource(sample.path)).drive);
  });

  it("is that of the commit which a branch, a tag, an abbreviation or an expression names", async () => {
    const repo = repository("revisions");
    repo.write("a", "1");
    const first = repo.commit();
    repo.git("tag", "--annotate", "--message=text", "v1");
    repo.git("branch", "topic");
    repo.write("a", "2");
    const second = repo.commit();
    for (const revision of ["v1", "refs/tags/v1", "topic", first, first.slice(0, 10), "HEAD~1", "HEAD^", "main~1"]) {
      expect((await readSource(repo.path, { revision })).description, revision).toMatchObject({ commit: first });
    }
    expect((await readSource(repo.path)).description).toMatchObject({ commit: second });
  });

  it("ignores replacement objects", async () => {
    const repo = repository("replaced");
    repo.write("a", "true");
    repo.commit();
    const { drive } = await readSource(repo.path);
    repo.git("replace", repo.git("rev-parse", "HEAD:a"), repo.blob("false"));
    expect(repo.git("cat-file", "blob", "HEAD:a")).toBe("false");
    expect((await readSource(repo.path)).drive).toEqual(drive);
  });

  it("can be read from a repository with SHA-256 ids", async () => {
    const repo = createRepository(join(folder, "sha256"), "--object-format=sha256");
    repo.write("a", "1");
    repo.write("dir/b", "2");
    const id = repo.commit();
    expect(id).toHaveLength(64);
    const { drive, description } = await readSource(repo.path);
    expect(description).toMatchObject({ commit: id });
    expect(contentOf(drive)).toEqual({ a: "file:1", "dir/b": "file:2" });
  });

  it("bears another name when asked to", async () => {
    const { drive } = await readSource(sample.path, { name: "sample-1.0" });
    expect(decodeDrive(drive).name).toBe("sample-1.0");
    await expect(readSource(sample.path, { name: "a/b" })).rejects.toMatchObject({ code: "source/bad-name" });
  });
});

describe("a repository whose settings are hostile", () => {
  it("executes nothing", async () => {
    const repo = repository("hostile");
    repo.write("a", "content");
    repo.write(".gitattributes", "* filter=evil diff=evil merge=evil\n");
    repo.commit();
    const proof = join(folder, "executed");
    const command = `touch ${proof}`;
    const script = join(repo.path, ".git", "evil.sh");
    writeFileSync(script, `#!/bin/sh\n${command}\n`, { mode: 0o755 });
    for (const name of ["post-checkout", "reference-transaction", "pre-auto-gc", "post-index-change"]) {
      execFileSync("mkdir", ["-p", join(repo.path, ".git/hooks")]);
      writeFileSync(join(repo.path, ".git/hooks", name), `#!/bin/sh\n${command}\n`, { mode: 0o755 });
    }
    const settings: Record<string, string> = {
      "core.fsmonitor": script,
      "core.pager": script,
      "core.editor": script,
      "core.sshCommand": script,
      "core.askPass": script,
      "core.alternateRefsCommand": script,
      "credential.helper": `!${command}`,
      "filter.evil.smudge": command,
      "filter.evil.clean": command,
      "filter.evil.process": command,
      "diff.evil.textconv": command,
      "diff.external": script,
      "gpg.program": script,
      "alias.cat-file": `!${command}`,
      "alias.rev-parse": `!${command}`,
      "uploadpack.packObjectsHook": script,
      "protocol.ext.allow": "always",
      "extensions.partialClone": "origin",
      "remote.origin.promisor": "true",
      "remote.origin.url": `ext::${script}`,
      "remote.origin.uploadpack": script,
    };
    repo.git("config", "core.repositoryFormatVersion", "1");
    for (const [name, value] of Object.entries(settings)) {
      execFileSync("git", ["config", "--file", join(repo.path, ".git/config"), name, value], { env: gitEnvironment });
    }
    expect(contentOf((await readSource(repo.path)).drive).a).toBe("file:content");
    // A missing object makes git ask the promisor remote, that is, start the command.
    const git = (...args: string[]) =>
      execFileSync("git", ["--git-dir", join(repo.path, ".git"), ...args], { env: gitEnvironment, stdio: "pipe" });
    const id = git("rev-parse", "HEAD:a").toString().trim();
    rmSync(join(repo.path, ".git/objects", id.slice(0, 2), id.slice(2)));
    expect(() => git("cat-file", "blob", id)).toThrowError();
    expect(existsSync(proof)).toBe(true);
    rmSync(proof);
    await expect(readSource(repo.path)).rejects.toThrowError();
    expect(existsSync(proof)).toBe(false);
  });

  it("gives no option through a revision", async () => {
    for (const revision of [
      "--all",
      "-h",
      "--git-dir=elsewhere",
      "--output=x",
      "",
      "a b",
      "a..b",
      "^HEAD",
      "+HEAD",
      "HEAD:a",
      "a\0b",
      "a\nb",
      "*",
      ":/text",
      "x".repeat(300),
    ]) {
      await expect(readSource(sample.path, { revision }), revision).rejects.toMatchObject({
        code: "source/bad-revision",
      });
    }
  });
});

describe("a git source that cannot be had", () => {
  it("is refused when the revision does not exist", async () => {
    const error = { code: "source/unknown-revision", details: { revision: "v9" } };
    await expect(readSource(sample.path, { revision: "v9" })).rejects.toMatchObject(error);
    const empty = repository("empty");
    await expect(readSource(empty.path)).rejects.toMatchObject({ code: "source/unknown-revision" });
    const tree = sample.git("rev-parse", "HEAD^{tree}");
    await expect(readSource(sample.path, { revision: tree })).rejects.toMatchObject({
      code: "source/unknown-revision",
    });
  });

  it("is refused when an object is missing or damaged", async () => {
    const repo = repository("damaged");
    const missing = repo.blob("text");
    repo.commitTree([`100644 blob ${missing}\ta`]);
    const file = join(repo.path, ".git/objects", missing.slice(0, 2), missing.slice(2));
    const other = repo.blob("forged");
    rmSync(file);
    await expect(readSource(repo.path)).rejects.toMatchObject({ code: "source/bad-object", details: { id: missing } });
    // git itself does not notice that the object is another one.
    execFileSync("cp", [join(repo.path, ".git/objects", other.slice(0, 2), other.slice(2)), file]);
    await expect(readSource(repo.path)).rejects.toMatchObject({ code: "source/bad-object", details: { id: missing } });
  });

  it("is refused when git is not there", async () => {
    const environment = { PATH: join(folder, "nowhere") };
    await expect(readSource(sample.path, { environment })).rejects.toMatchObject({ code: "source/git-missing-fault" });
  });

  it("is refused when the path is not a repository, or nothing at all", async () => {
    const plain = join(folder, "plain");
    execFileSync("mkdir", [plain]);
    await expect(readSource(plain, { revision: "HEAD" })).rejects.toMatchObject({ code: "source/bad-revision" });
    await expect(readSource(join(folder, "nothing"))).rejects.toMatchObject({ code: "source/not-found" });
    await expect(readSource(join(sample.path, "run.sh"))).rejects.toMatchObject({ code: "source/not-found" });
  });
});
