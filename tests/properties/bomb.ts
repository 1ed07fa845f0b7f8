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

  async drawings() {
    const path = (data: string) => `<path d="M0 0${data}"/>`;
    const levels = (first: string, next: (n: number) => string, depth: number) =>
      first + Array.from({ length: depth }, (_, n) => next(n)).join("");
    const bombs: Record<string, () => string> = {
      "a viewBox of 1e-300": () => "",
      "a viewBox of NaN": () => "",
      "a viewBox of 60,000 spaces": () => "",
      "a width of 60,000 letters": () => "",
      "path data of 1e308": () =>
        path("L1e308-1e308C1e308-1e308 1e308 1e308-1e308-1e308A1e308 1e-308 9e99 1 0-1e308-0z"),
      "path data of 1e999": () => path("L1e999-1e999"),
      "a number of 60,000 digits": () => path(`L${"1".repeat(60_000)} 0`),
      "30,000 lines": () => path(`h${"1 ".repeat(30_000)}`),
      "15,000 lines without spaces": () => path(`l${"-.1".repeat(20_000)}`),
      "5,000 arcs": () => path(`a${"9 9 9 119 9 ".repeat(5000)}`),
      "15,000 curves": () => path(`q1 1 1 1${"t1 1".repeat(15_000)}`),
      "60,000 closings": () => path("z".repeat(60_000)),
      "500 KB of a path": () => path(`l${"1 1 ".repeat(125_000)}`),
      "a polygon of 120,000 points": () => `<polygon points="${"1 1 ".repeat(120_000)}"/>`,
      "60,000 spaces between points": () => `<polygon points="${" ".repeat(60_000)}x"/>`,
      "5,000 stops for each of 400 shapes": () =>
        `<linearGradient id="g">${"<stop/>".repeat(5000)}</linearGradient>${'<circle r="9" fill="url(#g)"/>'.repeat(400)}`,
      "a group that draws 10^60 shapes": () =>
        levels(
          '<g id="u0"><circle r="1"/></g>',
          (n) => `<g id="u${n + 1}">${`<use href="#u${n}"/>`.repeat(10)}</g>`,
          60,
        ),
      "a chain of 2,000 references": () =>
        levels('<circle id="u0" r="1"/>', (n) => `<use id="u${n + 1}" href="#u${n}"/>`, 2000),
      "a reference to itself": () => '<use id="a" href="#a"/>',
      "a long path drawn 1,500 times": () =>
        `<path id="p" d="M0 0l${"1 1 ".repeat(7000)}"/>${'<use href="#p"/>'.repeat(1500)}`,
      "7,000 transforms": () => `<g transform="${"scale(2)".repeat(7000)}">${path("h9v9z")}</g>`,
      "9,000 transforms without end": () => `<g transform="${"matrix(".repeat(9000)}">${path("h9v9z")}</g>`,
      "a transform in each of 450 groups": () =>
        `${'<g transform="scale(1e100)">'.repeat(450)}${path("h9v9z")}${"</g>".repeat(450)}`,
      "a colour of 30,000 numbers": () => `<circle r="9" fill="rgb(${"1,".repeat(30_000)})"/>`,
      "17,000 shapes": () => '<rect width="9" height="9"/>'.repeat(17_000),
      "4,500 breaches of the schema": () => '<rect zz=""/>'.repeat(4500),
    };
    const viewBoxes: Record<string, string> = {
      "a viewBox of 1e-300": 'viewBox="0 0 1e-300 1e-300"',
      "a viewBox of NaN": 'viewBox="0 0 NaN Infinity"',
      "a viewBox of 60,000 spaces": `viewBox="0${" ".repeat(60_000)}x"`,
      "a width of 60,000 letters": `viewBox="0 0 96 96" width="1${"a".repeat(60_000)}!"`,
    };
    for (const [name, make] of Object.entries(bombs)) {
      const start = `<svg xmlns="http://www.w3.org/2000/svg" version="1.2" baseProfile="tiny-ps" ${viewBoxes[name] ?? 'viewBox="0 0 96 96"'}>`;
      const bytes = Buffer.from(
        `${start}<title>a</title><rect width="96" height="96"/><circle cx="48" cy="48" r="9" fill="red"/>${make()}</svg>`,
      );
      const begin = performance.now();
      const said = (await lintLogo(bytes)).map(({ ruleId, severity, message }) => `${severity} ${ruleId} ${message}`);
      const took = performance.now() - begin;
      // Far more than any takes, and far less than what is not bounded.
      say(name, ...said, took < 10_000 ? "in time" : `took ${took} ms`);
    }
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
