import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { pack } from "tar-stream";
import { integrityOf } from "./signedPackage.ts";

/** A gzipped tar archive of files, as package managers take them. */
export async function archiveOf(files: Readonly<Record<string, string>>): Promise<Buffer> {
  const tar = pack();
  for (const [name, text] of Object.entries(files)) tar.entry({ name }, text);
  tar.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of tar) chunks.push(chunk as Buffer);
  return gzipSync(Buffer.concat(chunks));
}

/** A registry from which npm installs: one package by its name, in one version. */
export async function startPackageRegistry(name: string, version: string, archive: Buffer) {
  const asked: string[] = [];
  const server = createServer(({ url }, response) => {
    asked.push(url!);
    const { port } = server.address() as AddressInfo;
    const tarball = `http://127.0.0.1:${port}/${name}/-/${name}-${version}.tgz`;
    if (url === new URL(tarball).pathname) return void response.end(archive);
    if (url !== `/${name}`) return void response.writeHead(404).end("{}");
    const own = { name, version, scripts: { install: "sh install.sh" }, hasInstallScript: true };
    const versions = { [version]: { ...own, dist: { tarball, integrity: integrityOf(archive) } } };
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ name, "dist-tags": { latest: version }, versions }));
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    asked,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
