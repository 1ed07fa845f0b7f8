import { Resolver } from "node:dns/promises";
import { request } from "node:http";

/** How DigiCert looks at the world when it checks domain control: real DNS queries and a real HTTP GET, both on loopback. */
export interface Prober {
  /** TXT contents at a name, each joined from its strings; none when the name does not exist. */
  txt(name: string): Promise<string[]>;
  /** CNAME targets at a name, lower case, without trailing dot. */
  cname(name: string): Promise<string[]>;
  /** Body of `http://<fqdn>/.well-known/pki-validation/fileauth.txt`, if it answers 200. */
  file(fqdn: string): Promise<string | undefined>;
}

export const FILE_PATH = "/.well-known/pki-validation/fileauth.txt";

export interface ProberOptions {
  /** `host:port` of the authoritative DNS server. */
  dns: string;
  /** `host:port` that serves a fully qualified domain name. */
  webServer(fqdn: string): string;
}

export function createProber(options: ProberOptions): Prober {
  // A fresh resolver per query: nothing is cached, and a server that went away fails at once.
  const resolver = () => {
    const fresh = new Resolver({ timeout: 1000, tries: 2 });
    fresh.setServers([options.dns]);
    return fresh;
  };
  return {
    txt: async (name) => {
      const answers = await resolver()
        .resolveTxt(name)
        .catch(() => []);
      return answers.map((strings) => strings.join(""));
    },
    cname: async (name) => {
      const answers = await resolver()
        .resolveCname(name)
        .catch(() => []);
      return answers.map((target) => target.toLowerCase().replace(/\.$/, ""));
    },
    file: (fqdn) => getFile(options.webServer(fqdn), fqdn),
  };
}

function getFile(address: string, fqdn: string): Promise<string | undefined> {
  const [host, port] = address.split(":");
  return new Promise((resolve) => {
    const get = request(
      {
        host,
        port: Number(port ?? 80),
        path: FILE_PATH,
        headers: { host: fqdn, "user-agent": "DigiCert DCV Bot/1.1" },
      },
      (response) => {
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (chunk: string) => {
          if (text.length < 10_000) text += chunk;
        });
        response.on("end", () => resolve(response.statusCode === 200 ? text : undefined));
        response.on("error", () => resolve(undefined));
      },
    );
    get.setTimeout(2000, () => get.destroy());
    get.on("error", () => resolve(undefined));
    get.end();
  });
}
