import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { answerByGit } from "../../scripts/demo/follow/gitBackend.ts";
import { hasHttpSettings } from "../../src/source/node/gitHttpSettings.ts";
import { packetLine, packetsIn } from "../../src/source/node/pktLine.ts";
import { remoteRefs } from "../../src/source/node/remoteRefs.ts";
import { SmartHttpRefs } from "../../src/source/node/smartHttpRefs.ts";
import { createRepository, type GitRepository } from "../support/gitRepository.ts";

const settings = { environment: process.env, timeoutSeconds: 60 };
let folder: string;
let project: GitRepository;
const servers: Server[] = [];
/** What was asked of the servers of one test. */
let asked: string[] = [];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "assay-smart-"));
  project = createRepository(join(folder, "project"));
  project.commit();
  project.git("tag", "light");
  project.git("tag", "--annotate", "--message=text", "v1");
  project.git("branch", "feature/a");
  project.git("update-ref", "refs/pull/7/head", project.commit(1_660_000_000));
  project.git("update-ref", "refs/pull/7/merge", "HEAD");
  project.git("update-ref", "refs/notes/assay", "HEAD");
  project.git("symbolic-ref", "refs/heads/alias", "refs/heads/main");
});
afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections();
  asked = [];
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const listening = async (server: Server, scheme = "http") => {
  servers.push(server);
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}/project`;
};
const noting = (listener: RequestListener) => (request: IncomingMessage, response: ServerResponse) => {
  asked.push(`${request.method} ${request.url}`);
  listener(request, response);
};
const byGit: RequestListener = (request, response) => answerByGit(folder, request, response);
const ofServer = async (listener: RequestListener) => await listening(createServer(noting(listener)));
const byGitItself = async (patches = false) => await remoteRefs(`git+file://${project.path}`, settings, { patches });

describe("the refs of a repository at an http server", () => {
  it.each([false, true])("are those that git says, of patches too: %s", async (patches) => {
    const refs = await new SmartHttpRefs().read(await ofServer(byGit), settings, { patches });
    const expected = await byGitItself(patches);
    expect(new Map([...refs!].sort())).toEqual(new Map([...expected].sort()));
    expect(refs!.get("refs/tags/v1")).toBe(project.git("rev-parse", "v1^{commit}"));
    expect(refs!.has("refs/pull/7/head")).toBe(patches);
  });

  it("are asked for in one request a look, once it is known what the server can", async () => {
    const [http, url] = [new SmartHttpRefs(), await ofServer(byGit)];
    for (let look = 0; look < 3; look++) await http.read(`${url}/`, settings);
    const post = "POST /project/git-upload-pack";
    expect(asked).toEqual(["GET /project/info/refs?service=git-upload-pack", post, post, post]);
  });

  it("are seen as they have become", async () => {
    const [http, url] = [new SmartHttpRefs(), await ofServer(byGit)];
    const before = await http.read(url, settings);
    const next = project.commit(1_670_000_000);
    expect((await http.read(url, settings))!.get("refs/heads/main")).toBe(next);
    expect(before!.get("refs/heads/main")).not.toBe(next);
    project.git("update-ref", "-d", "refs/tags/light");
    expect((await http.read(url, settings))!.has("refs/tags/light")).toBe(false);
  });

  it("are read over TLS, and left to git where the certificate is nobody's", async () => {
    const [certificate, key] = [join(folder, "cert.pem"), join(folder, "key.pem")];
    const names = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"];
    const make = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", key, "-out", certificate];
    execFileSync("openssl", [...make, ...names], { stdio: "pipe" });
    const tls = { cert: readFileSync(certificate), key: readFileSync(key) };
    const url = await listening(createTlsServer(tls, noting(byGit)) as unknown as Server, "https");
    expect(await new SmartHttpRefs().read(url, settings)).toBeUndefined();
    const usual = getCACertificates("default");
    try {
      setDefaultCACertificates([...usual, tls.cert.toString()]);
      expect((await new SmartHttpRefs().read(url, settings))!.size).toBeGreaterThan(3);
    } finally {
      setDefaultCACertificates(usual);
    }
  });
});

const advertised = `${packetLine("# service=git-upload-pack\n")}0000${packetLine("version 2\n")}${packetLine("ls-refs\n")}0000`;
const id = "a".repeat(40);
/** A server that says that it speaks version 2, and answers like this for a list. */
function listing(answer: (response: ServerResponse) => void): RequestListener {
  return (request, response) => {
    const kind = request.method === "GET" ? "advertisement" : "result";
    response.setHeader("content-type", `application/x-git-upload-pack-${kind}`);
    if (request.method === "GET") response.end(advertised);
    else answer(response);
  };
}

describe("a server whose answer is not a list of refs", () => {
  it.each<[string, RequestListener]>([
    [
      "speaks an older protocol",
      (request, response) => {
        delete request.headers["git-protocol"];
        byGit(request, response);
      },
    ],
    ["wants a password", (_, response) => void response.writeHead(401).end()],
    [
      "redirects to another host",
      (_, response) => void response.writeHead(302, { location: "http://127.0.0.1:1/" }).end(),
    ],
    ["redirects the list", listing((response) => response.writeHead(307, { location: "http://127.0.0.1:1/" }).end())],
    ["answers with a page", (_, response) => void response.setHeader("content-type", "text/html").end("<html>")],
    ["cuts a line off", listing((response) => response.end(packetLine(`${id} refs/heads/main\n`).slice(0, -9)))],
    ["cuts the list off", listing((response) => response.end(packetLine(`${id} refs/heads/main\n`)))],
    ["sends nothing", listing((response) => response.end())],
    ["says an error", listing((response) => response.end(`${packetLine("ERR no\n")}0000`))],
    ["sends a line with a length that is none", listing((response) => response.end("zzzz0000"))],
    ["sends lines that hold no length of their own", listing((response) => response.end("0003000300000000"))],
    ["sends a ref that is none", listing((response) => response.end(`${packetLine(`${id} main\n`)}0000`))],
    [
      "sends a list behind a list",
      listing((response) => response.end(`0000${packetLine(`${id} refs/heads/a\n`)}0000`)),
    ],
    ["encodes it", listing((response) => response.setHeader("content-encoding", "gzip").end("0000"))],
  ])("that %s, is left to git, and not asked at the next look", async (_, listener) => {
    const [http, url] = [new SmartHttpRefs(), await ofServer(listener)];
    expect(await http.read(url, settings)).toBeUndefined();
    const before = asked.length;
    expect(await http.read(url, settings)).toBeUndefined();
    expect(asked.length).toBe(before);
  });

  it("that never ends it, is left when it has sent more than a list may have", async () => {
    const line = packetLine(`${id} refs/heads/main\n`).repeat(10_000);
    let sent = 0;
    const url = await ofServer(
      listing((response) => {
        const send = () => {
          while (!response.destroyed && response.write(line)) sent += line.length;
          sent += line.length;
        };
        response.on("drain", send);
        send();
      }),
    );
    expect(await new SmartHttpRefs().read(url, settings)).toBeUndefined();
    expect(sent).toBeLessThan(2 ** 27);
  });

  it("that says nothing, is given up after its time, and when nobody wants to know any more", async () => {
    const url = await ofServer(() => {});
    await expect(new SmartHttpRefs().read(url, { timeoutSeconds: 0.2 })).rejects.toMatchObject({
      code: "source/git-timeout-fault",
    });
    const signal = AbortSignal.abort(new Error("over"));
    await expect(new SmartHttpRefs().read(url, { timeoutSeconds: 60, signal })).rejects.toThrow("over");
  });

  it("that is not there, is asked again at the next look", async () => {
    const [http, url] = [new SmartHttpRefs(), await ofServer(byGit)];
    const [server] = servers;
    const { port } = server!.address() as AddressInfo;
    await http.read(url, settings);
    await new Promise((done) => server!.close(done).closeAllConnections());
    expect(await http.read(url, settings)).toBeUndefined();
    await new Promise<void>((done) => server!.listen(port, "127.0.0.1", done));
    expect((await http.read(url, settings))!.has("refs/heads/main")).toBe(true);
  });
});

describe("addresses that are left to git", () => {
  it.each(["http://user:secret@127.0.0.1:1/a", "http://127.0.0.1:1/a?b", "ssh://127.0.0.1/a", "nothing"])(
    "%s",
    async (url) => {
      expect(await new SmartHttpRefs().read(url, settings)).toBeUndefined();
    },
  );

  it("are all, where the user has told git how to reach servers", async () => {
    const home = mkdtempSync(join(folder, "home-"));
    const environment: NodeJS.ProcessEnv = { PATH: process.env.PATH, HOME: home };
    const has = async (more: NodeJS.ProcessEnv = {}) =>
      await hasHttpSettings({ environment: { ...environment, ...more }, timeoutSeconds: 60 });
    expect(await has()).toBe(false);
    for (const name of ["GIT_SSL_CAINFO", "GIT_SSL_NO_VERIFY", "https_proxy", "HTTPS_PROXY", "ALL_PROXY"])
      expect(await has({ [name]: "1" }), name).toBe(true);
    execFileSync("git", ["config", "--global", "user.name", "A"], { env: environment });
    expect(await has()).toBe(false);
    const instead = ["config", "--global", "url.https://mirror.example/.insteadOf", "https://example.org/"];
    execFileSync("git", instead, { env: environment });
    expect(await has()).toBe(true);
  });
});

describe("lines of git's protocol", () => {
  it("are read as they were written, with the marks between them", () => {
    const text = `${packetLine("a\n")}${packetLine("b")}00010000`;
    expect(packetsIn(Buffer.from(text))).toEqual([Buffer.from("a"), Buffer.from("b"), "delimiter", "flush"]);
  });
});
