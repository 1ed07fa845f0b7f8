import assert from "node:assert/strict";
import { type Profile, type Switches, switchList } from "../../../simulator";
import { type Json, Stage } from "../support";

const logoUrl = "https://example.com/logo-1.svg";
const certificateUrl = "https://example.com/logo-1.pem";
const dnsNames = ["example.com", "mail.example.com"];

/** Each profile as it is, then with each switch at each of its other values. */
const worlds: { name: string; profile: Profile; switches: Partial<Switches> }[] = (["2026", "seed"] as const).flatMap(
  (profile) => [
    { name: `as of ${profile}`, profile, switches: {} },
    ...switchList.flatMap(({ name, values, [profile]: usual }) =>
      values
        .filter((value) => value !== usual)
        .map((value) => ({ name: `${profile}, ${name}: ${value}`, profile, switches: { [name]: value } })),
    ),
  ],
);

describe("an order is placed once, proved, issued and published, whatever DigiCert does:", () => {
  for (const { name, profile, switches } of worlds) {
    it(name, async () => {
      const stage = await Stage.start({ profile, switches });
      stage.meansEveryOrder = true;
      try {
        const order = stage.vmc();
        const certificate = stage.certificate();
        const program = stage.inputs({ dnsNames });
        const certificateProgram = () => ({ order: stage.orderOf(order), logoUrl, certificateUrl });
        await stage.control.addDomain({ name: "example.com" });

        // The answer is lost, so the order must be found again.
        await stage.faultOrder({ kind: "reset-after-commit" });
        await order.up(program);
        assert.equal((await stage.placed()).length, 1);
        await certificate.up(certificateProgram());
        assert.ok(certificate.outs.missing.length >= 2);
        assert.equal(await order.preview(program), "same");

        assert.ok(order.outs.dcvRecords.length > 0);
        for (const { type, name, content } of order.outs.dcvRecords) await stage.scene.publish(type, name, content);
        await stage.scene.publish("TXT", "_dmarc.example.com", "v=DMARC1; p=reject");
        await stage.advance({ hours: 2 });
        await certificate.up(certificateProgram());
        const open = certificate.outs.missing.map(({ what }: Json) => what);
        assert.equal(open.filter((what: string) => what.startsWith("domain control")).length, 0, open.join("; "));

        await stage.control.vet(order.outs.orderId);
        await stage.advance({ hours: 2 });
        assert.equal(await order.preview(program), "update");
        assert.equal(await certificate.preview(certificateProgram()), "update");
        await order.up(program);
        await certificate.up(certificateProgram());
        assert.equal(order.outs.status, "issued");
        assert.deepEqual(
          certificate.outs.published,
          dnsNames.map((name) => ({ name, logoUrl, certificateUrl })),
          JSON.stringify(certificate.outs.findings),
        );

        await order.refresh();
        await certificate.refresh();
        assert.equal(await order.preview(program), "same");
        assert.equal(await certificate.preview(certificateProgram()), "same");

        // A pending order of another resource is canceled; the issued one is left alone.
        const other = stage.vmc("other");
        await other.up(stage.inputs({ skipApproval: false }));
        await other.destroy();
        const again = stage.vmc("other");
        await again.up(stage.inputs());
        await again.destroy();
        await order.destroy();
        const [issued, ...others] = (await stage.placed()).map(({ status }) => status);
        assert.equal(issued, "issued");
        assert.equal(others.length, 2);
        for (const status of others) assert.match(status, /canceled|rejected/);
      } finally {
        await stage.stop();
      }
    });
  }
});
