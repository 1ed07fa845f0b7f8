/**
 * Runs in a process of its own, with little memory: reads one kind of bomb after another and prints what was said of each,
 * as lines of JSON.
 */
import { execFileSync } from "node:child_process";
import { closeSync, ftruncateSync, mkdirSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { CertCentralClient } from "../../provider/certcentral";
import { readLogotype } from "../../provider/certificate/logotype";
import { logotypeOf, parsePem } from "../../provider/certificate/parse";
import { verifyMarkCertificate } from "../../provider/certificate/verify";
import { readStackState } from "../../provider/cli/stackState";
import { decodeLogo, lintLogo, readLogo } from "../../provider/logo";
import { forge, forgeChain, logotype } from "../provider/certificate/forge";
import { svg } from "../simulator/certcentral";

const say = (name: string, ...said: string[]) => void process.stdout.write(`${JSON.stringify({ name, said })}\n`);
const failure = (work: () => unknown): string => {
  try {
    work();
    return "nothing";
  } catch (error) {
    return `${(error as Error).name}: ${(error as Error).message}`;
  }
};

/** A gigabyte once inflated, in as many members as it has megabytes by 16. */
const gigabyte = () => {
  const member = gzipSync(Buffer.alloc(16 * 1024 * 1024), { level: 9 });
  return Buffer.concat(Array.from({ length: 64 }, () => member));
};

const families: Record<string, () => void | Promise<void>> = {
  async logos() {
    const root = '<svg xmlns="http://www.w3.org/2000/svg" version="1.2" baseProfile="tiny-ps"><title>a</title>';
    const laughs = Array.from({ length: 10 }, (_, n) => `<!ENTITY l${n + 1} "${`&l${n};`.repeat(10)}">`).join("");
    const bombs: Record<string, () => string | Buffer> = {
      "billion laughs": () => `<!DOCTYPE svg [<!ENTITY l0 "lol">${laughs}]>${root}<text>&l10;</text></svg>`,
      "a long entity many times": () =>
        `<!DOCTYPE svg [<!ENTITY a "${"a".repeat(20_000)}">]>${root}${"&a;".repeat(10_000)}</svg>`,
      "a file as entity": () => `<!DOCTYPE svg [<!ENTITY a SYSTEM "file:///etc/passwd">]>${root}<text>&a;</text></svg>`,
      "a URL as entity": () => `<!DOCTYPE svg [<!ENTITY % a SYSTEM "http://127.0.0.1:9/x"> %a;]>${root}</svg>`,
      "a file as DTD": () => `<!DOCTYPE svg SYSTEM "file:///dev/zero">${root}</svg>`,
      "nested a million deep": () => `${root}${"<g>".repeat(1_000_000)}`,
      "nested a hundred thousand deep": () => `${root}${"<g>".repeat(100_000)}`,
      "a million elements": () => `${root}${"<g/>".repeat(1_000_000)}</svg>`,
      "a hundred thousand elements": () => `${root}${"<g/>".repeat(100_000)}</svg>`,
      "a million attributes": () => `<svg ${Array.from({ length: 1_000_000 }, (_, n) => `a${n}=""`).join(" ")}/>`,
      "3,000 namespaces": () => `<svg ${Array.from({ length: 3000 }, (_, n) => `xmlns:a${n}="x"`).join(" ")}/>`,
      "a tag of megabytes": () => `<${"a".repeat(5_000_000)}>`,
      "NUL bytes": () => Buffer.alloc(60_000),
      "NUL bytes after the start": () =>
        Buffer.concat([Buffer.from(root), Buffer.alloc(30_000), Buffer.from("</svg>")]),
      "UTF-16": () => Buffer.from(`\ufeff${root}</svg>`, "utf16le"),
      "UTF-16 that is declared only": () => `<?xml version="1.0" encoding="UTF-16"?>${root}</svg>`,
      "Latin-1": () => Buffer.from(`<?xml version="1.0" encoding="ISO-8859-1"?>${root}é</svg>`, "latin1"),
      "UTF-7": () => `<?xml version="1.0" encoding="UTF-7"?>${root}+ADw-script+AD4-</svg>`,
      gzip: () => gzipSync(svg()),
      "a gigabyte of gzip": gigabyte,
    };
    for (const [name, make] of Object.entries(bombs)) {
      const bytes = Buffer.from(make() as string);
      say(name, ...(await lintLogo(bytes)).map(({ ruleId, severity, message }) => `${severity} ${ruleId} ${message}`));
    }
    const encoded = gigabyte().toString("base64");
    say(
      "an encoded gigabyte",
      failure(() => decodeLogo(encoded)),
    );
    say(
      "base64 of nothing",
      failure(() => decodeLogo("AAAA".repeat(1_000_000))),
    );
    say(
      "no base64",
      failure(() => decodeLogo("=".repeat(5_000_000))),
    );
    say(
      "an inline logo of megabytes",
      failure(() => readLogo(`<svg>${" ".repeat(5_000_000)}</svg>`, "/")),
    );
  },

  files() {
    const folder = mkdtempSync(path.join(tmpdir(), "pulumi-bimi-bombs-"));
    try {
      const file = openSync(path.join(folder, "sparse.svg"), "w");
      writeSync(file, svg());
      ftruncateSync(file, 100 * 1024 * 1024);
      closeSync(file);
      execFileSync("mkfifo", [path.join(folder, "pipe.svg")]);
      mkdirSync(path.join(folder, "folder.svg"));
      for (const name of [
        "sparse.svg",
        "pipe.svg",
        "folder.svg",
        "/dev/zero",
        "/dev/null",
        "/proc/self/mem",
        "a\0b",
        "x".repeat(5000),
      ])
        say(
          name.slice(0, 20),
          failure(() => readLogo(name, folder)),
        );
    } finally {
      rmSync(folder, { recursive: true });
    }
  },

  async certificates() {
    const pem = (der: Uint8Array) =>
      `-----BEGIN CERTIFICATE-----\n${Buffer.from(der).toString("base64")}\n-----END CERTIFICATE-----\n`;
    const deep = (depth: number) => {
      // Indefinite lengths: two bytes a level.
      const open = Buffer.alloc(2 * depth);
      for (let at = 0; at < depth; at++) open.writeUInt16BE(0x3080, 2 * at);
      return Buffer.concat([open, Buffer.alloc(2 * depth)]);
    };
    const { leaf, intermediate, root } = await forgeChain();
    const verify = async (text: string) => {
      const { findings } = await verifyMarkCertificate({ pem: text, roots: [root.pem], at: new Date("2026-06-01") });
      return findings.map(({ ruleId, message }) => `${ruleId} ${message}`);
    };
    const bombs: Record<string, () => string> = {
      "100,000 certificates": () => pem(Buffer.from([0x30, 0])).repeat(100_000),
      "12 MB of certificates": () => (leaf.pem + intermediate.pem).repeat(6000),
      "100,000 other blocks": () => Array.from({ length: 100_000 }, (_, n) => `-----BEGIN X${n}-----\n`).join(""),
      "100,000 beginnings": () => "-----BEGIN ".repeat(100_000),
      "a label of megabytes": () => `-----BEGIN ${"A".repeat(5_000_000)}-----\n`,
      dashes: () => "-".repeat(5_000_000),
      "a certificate of megabytes": () => pem(Buffer.alloc(5_000_000, 0x30)),
      "nested 90,000 deep": () => pem(deep(90_000)),
      "a huge length": () => pem(Buffer.from("3088ffffffffffffffff", "hex")),
      "a length of lengths": () => pem(Buffer.concat([Buffer.from([0x30, 0xff]), Buffer.alloc(127, 0xff)])),
      "base64 garbage": () => `-----BEGIN CERTIFICATE-----\n${"=*&".repeat(1000)}\n-----END CERTIFICATE-----\n`,
    };
    for (const [name, make] of Object.entries(bombs)) say(name, ...(await verify(make())));

    const ones = (hex: string, length: number) =>
      Uint8Array.from(Buffer.concat([Buffer.from(hex, "hex"), Buffer.alloc(length, 0xff)])).buffer;
    const extensions: Record<string, () => ArrayBuffer> = {
      "a logotype nested 50,000 deep": () => Uint8Array.from(deep(50_000)).buffer,
      "a logotype nested 5,000 deep": () => Uint8Array.from(deep(5_000)).buffer,
      "a logotype with a huge object identifier": () => ones("06830186a0", 100_000),
      "a logotype with a huge integer": () => ones("02830186a0", 100_000),
      "a logotype that inflates to 40 MB": () =>
        logotype({ uri: `data:image/svg+xml;base64,${gzipSync(Buffer.alloc(40 * 1024 * 1024)).toString("base64")}` }),
      "a logotype with a URI of no base64": () =>
        logotype({ uri: `data:image/svg+xml;base64,${"A".repeat(50_000)}=A` }),
      "1,000 logotypes": () => logotype({ images: 1000 }),
    };
    for (const [name, make] of Object.entries(extensions)) {
      const { pem: text } = await forge({
        name: "Bomb",
        dnsNames: ["example.com"],
        markTypes: ["Registered Mark"],
        logotype: make(),
      });
      const [certificate] = parsePem(text).certificates;
      const extension = certificate && logotypeOf(certificate);
      say(name, ...(extension ? [failure(() => readLogotype(extension))] : parsePem(text).problems));
    }
    const many = await forge({
      name: "N".repeat(10_000),
      dnsNames: Array.from({ length: 5000 }, (_, n) => `a${n}.example.com`),
      markTypes: ["M".repeat(10_000)],
    });
    say("5,000 names", ...(await verify(many.pem)));
  },

  async answers() {
    const bomb = gigabyte();
    const server = createServer((_, response) => {
      response.writeHead(201, { "Content-Type": "application/json", "Content-Encoding": "gzip" });
      response.end(bomb);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const client = new CertCentralClient({
      apiKey: "KEY",
      baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    });
    const request = { method: "POST", path: "/order", json: {}, action: "place the order", retry: "never" } as const;
    say(
      "a gigabyte of gzip",
      await client.request(request).then(
        () => "nothing",
        (error) => `${error.kind}: ${error.message}`,
      ),
    );
    server.close();
    say(
      "a state nested a million deep",
      failure(() => readStackState("[".repeat(1_000_000), "state.json")),
    );
    say(
      "a state of anything",
      failure(() => readStackState(`{"deployment":{"resources":[${"{},".repeat(5_000)}{}]}}`, "state.json")),
    );
  },
};

Promise.resolve(families[process.argv[2]!]!()).catch((error) => {
  process.stderr.write(`${error.stack}\n`);
  process.exit(1);
});
