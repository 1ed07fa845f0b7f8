import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { FILE_PATH } from "./certcentral/prober";

/** A web server on loopback that stands for every host whose DCV file was put into it. */
export class WebFiles {
  private readonly server: Server;

  constructor(readonly files: Record<string, string>) {
    this.server = createServer((request, response) => {
      const host = (request.headers.host ?? "").split(":")[0]!.toLowerCase();
      const content = request.url === FILE_PATH && Object.hasOwn(files, host) ? files[host] : undefined;
      response.writeHead(content === undefined ? 404 : 200, { "content-type": "text/plain" });
      response.end(content ?? "not found");
    });
  }

  async start(): Promise<{ address: string }> {
    await new Promise<void>((resolve, reject) => {
      this.server.once("error", reject);
      this.server.listen(0, "127.0.0.1", resolve);
    });
    return { address: `127.0.0.1:${(this.server.address() as AddressInfo).port}` };
  }

  async stop(): Promise<void> {
    if (!this.server.listening) return;
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    this.server.closeAllConnections();
    await closed;
  }
}
