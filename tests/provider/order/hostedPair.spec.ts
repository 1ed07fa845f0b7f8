import assert from "node:assert/strict";
import type { Props } from "../../../provider/lifecycle";
import { networkAt, Site, TestAuthority } from "../hosting/sites";
import { type Json, type Stack, Stage, svg } from "../support";

/** What the host serves by path; anything else is 404. */
type Files = Record<string, string | Buffer>;

describe("checkHosting", () => {
  let authority: TestAuthority;
  let tls: { key: string; cert: string };
  let stage: Stage;
  let order: Stack;
  let stack: Stack;
  let site: Site;
  let files: Files;
  before(async () => {
    authority = await TestAuthority.create();
    tls = await authority.issue(["logo.example.com"]);
  });
  beforeEach(async () => {
    files = {};
    site = await Site.start((request, response) => {
      const body = files[request.url!];
      const contentType = request.url!.endsWith(".svg") ? "image/svg+xml" : "application/pem-certificate-chain";
      response.writeHead(body === undefined ? 404 : 200, { "Content-Type": contentType }).end(body);
    }, tls);
    stage = await Stage.start();
    stage.meansEveryOrder = true;
    stage.network = networkAt(authority.ca);
    order = stage.vmc();
    stack = stage.certificate();
    await order.up(stage.inputs());
  });
  afterEach(async () => {
    await stage.stop();
    await site.stop();
  });

  const urlOf = (path: string) => `https://logo.example.com:${site.port}${path}`;
  const program = (changes: Props = {}): Props => ({
    order: stage.orderOf(order),
    logoUrl: urlOf("/1.svg"),
    certificateUrl: urlOf("/1.pem"),
    checkHosting: true,
    includeChain: true,
    ...changes,
  });
  const published = () => stack.outs.published.map(({ logoUrl, certificateUrl }: Json) => [logoUrl, certificateUrl]);
  const found = () => stack.outs.findings.map(({ id, severity }: Json) => `${severity} ${id}`);
  it("holds a new pair back until both files are served, and looks again in each preview", async () => {
    await stage.issue(order.outs.orderId);
    await stack.up(program());
    assert.deepEqual(published(), [[urlOf("/1.svg"), ""]]);
    assert.deepEqual(found(), ["error HOST-001", "error HOST-001"]);
    assert.deepEqual(
      stack.outs.missing.map(({ what, who }: Json) => [what, who]),
      [
        [
          `hosting: HOST-001 The logo at ${urlOf("/1.svg")} answers 404.`,
          `whoever serves logo.example.com:${site.port}`,
        ],
        [
          `hosting: HOST-001 The certificate at ${urlOf("/1.pem")} answers 404.`,
          `whoever serves logo.example.com:${site.port}`,
        ],
      ],
    );
    const [, { since }] = stack.outs.missing;

    // still so: nothing to do, and no call that writes
    await stage.forgetCalls();
    assert.equal(await stack.preview(program()), "same");
    assert.deepEqual(stage.writes(), []);
    assert.ok(stage.lines.some((line) => /is issued, but its pair is not published: HOST-001 .* HOST-001/.test(line)));

    await stage.advance({ hours: 2 });
    files["/1.svg"] = svg();
    await stack.up(program());
    assert.deepEqual(found(), ["error HOST-001"]);
    assert.equal(stack.outs.missing[0].since, since, "it has been missing all the time");

    files["/1.pem"] = "not yet";
    await stack.up(program());
    assert.deepEqual(found(), ["error HOST-007"]);
    assert.match(stack.outs.missing[0].what, /serves no certificate in PEM form/);

    files["/1.pem"] = stack.outs.pem;
    assert.equal(await stack.preview(program()), "update");
    await stack.up(program());
    assert.deepEqual(published(), [[urlOf("/1.svg"), urlOf("/1.pem")]]);
    assert.deepEqual([found(), stack.outs.missing], [[], []]);
  });

  it("fetches nothing of what is published any more", async () => {
    await stage.issue(order.outs.orderId);
    await stack.up(program({ checkHosting: false }));
    files = { "/1.svg": svg(), "/1.pem": stack.outs.pem };
    assert.deepEqual(site.requests, []);
    assert.deepEqual(published(), [[urlOf("/1.svg"), urlOf("/1.pem")]]);

    // asked for later, it is for the next pair
    files = {};
    await stack.up(program());
    await stack.refresh();
    await stage.advance({ days: 100 });
    assert.equal(await stack.preview(program()), "same");
    assert.deepEqual(site.requests, []);
    assert.deepEqual(published(), [[urlOf("/1.svg"), urlOf("/1.pem")]]);
  });

  it("is not gone around by a refresh, before the first preview or after it", async () => {
    await stack.up(program());
    await stage.issue(order.outs.orderId);
    await stack.refresh();
    assert.deepEqual(published(), [[urlOf("/1.svg"), ""]]);
    assert.ok(found().includes("error HOST-001"));
    await stack.refresh();
    assert.deepEqual(published(), [[urlOf("/1.svg"), ""]]);
  });

  it("publishes what is held back once it is turned off", async () => {
    await stage.issue(order.outs.orderId);
    await stack.up(program());
    assert.equal(await stack.preview(program({ checkHosting: false })), "update");
    await stack.up(program({ checkHosting: false }));
    assert.deepEqual(published(), [[urlOf("/1.svg"), urlOf("/1.pem")]]);
    assert.deepEqual([found(), stack.outs.missing], [[], []]);
  });

  it("keeps the former pair as it was while a new one is not served", async () => {
    await stage.issue(order.outs.orderId);
    await stack.up(program({ checkHosting: false }));
    const former = published();
    const { pem } = stack.outs;

    await stack.up(program({ certificateUrl: urlOf("/2.pem") }));
    assert.deepEqual(published(), former);
    assert.deepEqual(found(), ["error HOST-001", "error HOST-001"]);
    files = { "/1.svg": svg(), "/2.pem": pem };
    await stack.up(program({ certificateUrl: urlOf("/2.pem") }));
    assert.deepEqual(published(), [[urlOf("/1.svg"), urlOf("/2.pem")]]);
  });

  describe("when another order takes over", () => {
    const next = async (logo: Buffer) => {
      stage.writeLogo(logo, "next.svg");
      const successor = stage.vmc("next");
      await successor.up(stage.inputs({ logo: "next.svg" }));
      await stage.issue(successor.outs.orderId);
      return stage.orderOf(successor);
    };
    const publishFirst = async () => {
      await stage.issue(order.outs.orderId);
      await stack.up(program({ checkHosting: false }));
      files = { "/1.svg": svg(), "/1.pem": stack.outs.pem };
      return stack.outs.pem as string;
    };

    it("gives out the new chain for the URL of before, and takes it over once it is served there", async () => {
      const former = await publishFirst();
      const successor = await next(svg());
      const by = stack.outs.__publishedBy;
      await stack.up(program({ order: successor }));
      assert.deepEqual(found(), ["error HOST-007", "warning HOST-008"]);
      assert.deepEqual(stack.outs.__publishedBy, by);
      assert.notEqual(stack.outs.pem, former, "it must be uploaded before it is published");
      assert.equal(await stack.preview(program({ order: successor })), "same");

      files["/1.pem"] = stack.outs.pem;
      await stack.up(program({ order: successor }));
      assert.equal(stack.outs.__publishedBy.orderId, successor.orderId);
      assert.deepEqual([found(), stack.outs.missing], [["warning HOST-008"], []]);
      assert.equal(await stack.preview(program({ order: successor })), "same");
    });

    it("keeps the chain in force where another logo is to have the same URL", async () => {
      const former = await publishFirst();
      const pairs = published();
      const logo = Buffer.from(svg().toString().replace("<title>", "<title>New "));
      const successor = await next(logo);
      files["/2.svg"] = logo;
      await stack.up(program({ order: successor, logoUrl: urlOf("/2.svg") }));
      assert.deepEqual(published(), pairs);
      assert.equal(stack.outs.pem, former);

      // also when only the certificate tells which logo it is
      const { logoSha256, __logo, ...unknown } = successor as Json;
      await stack.up(program({ order: unknown, logoUrl: urlOf("/2.svg") }));
      assert.equal(stack.outs.pem, former);

      const own = program({ order: successor, logoUrl: urlOf("/2.svg"), certificateUrl: urlOf("/2.pem") });
      await stack.up(own);
      assert.deepEqual(published(), pairs);
      files["/2.pem"] = stack.outs.pem;
      await stack.up(own);
      assert.deepEqual(published(), [[urlOf("/2.svg"), urlOf("/2.pem")]]);
    });
  });

  it("is not asked again by a page that is another one at every request", async () => {
    await stage.issue(order.outs.orderId);
    await stack.up(program());
    files["/1.pem"] = stack.outs.pem;
    files["/1.svg"] = "1";
    await stack.up(program());
    files["/1.svg"] = "2";
    assert.equal(await stack.preview(program()), "same");
  });

  it("names a logo that differs only by line ends, and a chain of the certificate before", async () => {
    await stage.issue(order.outs.orderId);
    await stack.up(program());
    const { pem } = stack.outs;
    files = { "/1.svg": Buffer.from(svg().toString().replaceAll("\n", "\r\n")), "/1.pem": pem };
    await stack.up(program());
    assert.deepEqual(found(), ["error HOST-006"]);
    assert.match(stack.outs.findings[0].message, /only by line ends/);
    assert.ok(stage.lines.some((line) => /HOST-006 \(error\): .*\.gitattributes/.test(line)));
  });

  it("compares with the logo in the certificate when nobody knows the ordered one", async () => {
    const { logoSha256, __logo, ...unknown } = stage.orderOf(order) as Json;
    await stage.issue(order.outs.orderId);
    const adopted = program({ order: unknown });
    await stack.up(adopted);
    files = { "/1.svg": "<svg/>", "/1.pem": stack.outs.pem };
    await stack.up(adopted);
    assert.deepEqual(found(), ["error HOST-006"]);
    assert.equal(await stack.preview(adopted), "same");
    files["/1.svg"] = svg();
    await stack.up(adopted);
    assert.deepEqual(published(), [[urlOf("/1.svg"), urlOf("/1.pem")]]);
  });

  it("publishes in spite of warnings, and keeps telling them", async () => {
    await stage.issue(order.outs.orderId);
    const warned = program({ logoUrl: urlOf("/1") });
    await stack.up(warned);
    files = { "/1": svg(), "/1.pem": stack.outs.pem };
    await stack.up(warned);
    assert.deepEqual(published(), [[urlOf("/1"), urlOf("/1.pem")]]);
    assert.deepEqual(found(), ["warning HOST-004"]);
    await stack.refresh();
    assert.deepEqual(found(), ["warning HOST-004"]);
  });

  it("refuses hosts that are not public, unless config bimi:allowPrivateHosts says otherwise", async () => {
    stage.network = { ...networkAt(authority.ca), nonPublicKind: (address) => `address ${address}` };
    await stage.issue(order.outs.orderId);
    await stack.up(program());
    assert.deepEqual(site.requests, []);
    assert.match(stack.outs.findings[0].message, /127\.0\.0\.1, which is not public/);
    files = { "/1.svg": svg(), "/1.pem": stack.outs.pem };
    assert.equal(await stack.preview(program()), "same");
    stage.settings = { ...stage.settings, allowPrivateHosts: true };
    await stack.up(program());
    assert.deepEqual(published(), [[urlOf("/1.svg"), urlOf("/1.pem")]]);
  });

  it("says that the simulator's hosted URLs cannot be fetched, and publishes them", async () => {
    const hosted = stage.vmc("hosted");
    await hosted.up(stage.inputs({ dnsNames: ["example.net"], enableHosting: true }));
    await stage.issue(hosted.outs.orderId);
    await stack.up({ order: stage.orderOf(hosted), checkHosting: true });
    assert.match(stack.outs.published[0].certificateUrl, /^https:\/\/hosted\.simulator\.invalid\//);
    assert.deepEqual(found(), []);
    assert.ok(stage.lines.some((line) => line.includes("exist nowhere, so they are not fetched")));
  });
});
