import * as cloudflare from "@pulumi/cloudflare";
import * as pulumi from "@pulumi/pulumi";
import type { OrderResource } from "../order/resource";
import {
  bimiAssertion,
  bimiRecordName,
  type CnameStyle,
  canonicalDnsName,
  type DcvMethod,
  type DcvRecordName,
  DEFAULT_SELECTOR,
  dcvRecordFor,
  isDnsMethod,
  longestZone,
  selectorProblem,
  txtContent,
} from "../records";
import { MarkCertificate, type MarkCertificateArgs, orderInput, providerOf } from "../resources/markCertificate";

export interface CloudflareBimiArgs {
  /** The order whose domains are proved and whose certificate is published. */
  order: OrderResource;
  /**
   * A `MarkCertificate` of that order. Default: one is made, after the DCV records, with `logoUrl` and
   * `certificateUrl`.
   */
  certificate?: MarkCertificate;
  /** Zone name to Cloudflare zone id. A domain goes to the longest zone it lies in; a domain without one is an error. */
  zones: Record<string, pulumi.Input<string>>;
  /**
   * https URL where you serve the ordered SVG: `l=`. Default: DigiCert's location, with `enableHosting`. Another logo
   * needs another URL.
   */
  logoUrl?: pulumi.Input<string>;
  /**
   * https URL where you serve the issued chain: `a=`. Default: DigiCert's location, with `enableHosting`. The chain of
   * another logo needs a URL of its own.
   */
  certificateUrl?: pulumi.Input<string>;
  /** What keeps an issued certificate from being published: `default` or `enforce-all`; see `MarkCertificate`. */
  certificateRules?: MarkCertificateArgs["certificateRules"];
  /** Certificate rules that keep nothing from being published, by id, each with the reason; see `MarkCertificate`. */
  ignoreRules?: MarkCertificateArgs["ignoreRules"];
  /**
   * Publish a new pair only once both URLs serve the ordered logo and the issued chain. Default: false. See `MarkCertificate`.
   */
  checkHosting?: pulumi.Input<boolean>;
  /** BIMI selector. Default: `default`. */
  selector?: string;
  /**
   * Form of the CNAME that proves control: `_dnsauth` (default, what DigiCert looks for today) is
   * `_dnsauth.<name> CNAME <token>.dcv.digicert.com`; `seed` (until October 2025) is `<token>.<name> CNAME dcv.digicert.com`.
   */
  cnameStyle?: CnameStyle;
  /** Owner of the TXT that proves control: `@` (default) is the name itself, `_dnsauth` is `_dnsauth.<name>`. */
  dcvRecordName?: DcvRecordName;
  /** The ordered names, when the order computes them: which records exist must follow from plain values. */
  dnsNames?: string[];
  /** The order's DCV method, when the order computes it. */
  dcvMethod?: DcvMethod;
}

const known: readonly string[] = [
  "order",
  "certificate",
  "zones",
  "logoUrl",
  "certificateUrl",
  "certificateRules",
  "ignoreRules",
  "checkHosting",
  "selector",
  "cnameStyle",
  "dcvRecordName",
  "dnsNames",
  "dcvMethod",
] satisfies (keyof CloudflareBimiArgs)[];

/** Seconds that receivers keep an assertion. */
const bimiTtl = 3600;

/**
 * Publishes in Cloudflare what an order needs and yields: the DNS records that prove control of its domains
 * (`dns-txt-token`, `dns-cname-token`), and a BIMI assertion record for each of them. The assertion record exists from
 * the first `pulumi up`, with `a=` empty; `l=` and `a=` switch together, in one update, once the certificate is issued
 * and verified. So they do at each later one: until a reissue, a renewal or a new order has its certificate, the old
 * pairs stay. The records of a name go only when the program drops the name.
 *
 * @example
 * ```typescript
 * new bimi.CloudflareBimi("example.com", {
 *   order,
 *   zones: { "example.com": zoneId },
 *   logoUrl: "https://example.com/logo-1.svg",
 *   certificateUrl: "https://example.com/logo-1.pem",
 * });
 * ```
 */
export class CloudflareBimi extends pulumi.ComponentResource {
  /** The certificate of the order, live. */
  readonly certificate: MarkCertificate;
  /** Records that prove control of the domains; none for `email` and `http-token`. */
  readonly dcvRecords: cloudflare.DnsRecord[];
  /** One assertion record per domain, at `<selector>._bimi.<domain>`. */
  readonly bimiRecords: cloudflare.DnsRecord[];

  constructor(name: string, args: CloudflareBimiArgs, opts?: pulumi.ComponentResourceOptions) {
    super("bimi:index:CloudflareBimi", name, {}, opts);
    const parent = this;
    const { order, selector = DEFAULT_SELECTOR, cnameStyle, dcvRecordName } = args;
    checkArgs();
    const dnsNames = plainDnsNames();
    const method = plainMethod();
    const zoneNamesGiven = Object.keys(args.zones ?? {});
    const zoneNames = zonesOfNames();

    this.dcvRecords = proveControl();
    this.certificate = args.certificate ?? certificateOfOrder(this.dcvRecords);
    this.bimiRecords = publishAssertions(this.certificate);
    this.registerOutputs({});

    function proveControl(): cloudflare.DnsRecord[] {
      if (!isDnsMethod(method)) return [];
      return dnsNames.map((dnsName) => {
        const options = { dnsNames, method, cnameStyle, dcvRecordName };
        const record = pulumi.output(order.domains).apply((domains = []) => {
          const proof = dcvRecordFor(dnsName, { ...options, domains });
          if (longestZone(proof.name, zoneNamesGiven) === zoneNames.get(dnsName)) return proof;
          pulumi.log.warn(
            `DigiCert proves ${dnsName} through a record at ${proof.name}, which is not in the zone ${zoneNames.get(dnsName)}. Publish it there: ${proof.type} ${proof.content}`,
            parent,
          );
          // The zone of a record must not change with what DigiCert answers.
          return dcvRecordFor(dnsName, { ...options, domains: domains.map(({ name: _, ...domain }) => domain) });
        });
        const planned = dcvRecordFor(dnsName, { ...options, domains: [] });
        // DigiCert may prove a subdomain through its parent, and the old CNAME form has the token in its name: only then
        // the owner has to wait for the order.
        const isKnown =
          canonicalDnsName(zoneNames.get(dnsName)!) === dnsName && !(planned.type === "CNAME" && cnameStyle === "seed");
        return new cloudflare.DnsRecord(
          `${name}-dcv-${dnsName}`,
          {
            zoneId: zoneOf(dnsName),
            name: isKnown ? planned.name : record.name,
            type: planned.type,
            content: record.content.apply((content) => (planned.type === "TXT" ? txtContent(content) : content)),
            ttl: planned.ttl,
            proxied: false,
          },
          { parent },
        );
      });
    }

    function certificateOfOrder(dcvRecords: cloudflare.DnsRecord[]): MarkCertificate {
      const { logoUrl, certificateUrl, certificateRules, ignoreRules, checkHosting } = args;
      const provider = providerOf(order);
      return new MarkCertificate(
        name,
        {
          // The names that are published are those that are asked about.
          order: args.dnsNames ? orderInput(order, dnsNames) : order,
          ...(logoUrl ? { logoUrl } : {}),
          ...(certificateUrl ? { certificateUrl } : {}),
          ...(certificateRules ? { certificateRules } : {}),
          ...(ignoreRules ? { ignoreRules } : {}),
          ...(checkHosting === undefined ? {} : { checkHosting }),
        },
        { parent, dependsOn: dcvRecords, ...(provider ? { provider } : {}) },
      );
    }

    function publishAssertions(certificate: MarkCertificate): cloudflare.DnsRecord[] {
      return dnsNames.map(
        (dnsName) =>
          new cloudflare.DnsRecord(
            `${name}-bimi-${dnsName}`,
            {
              zoneId: zoneOf(dnsName),
              name: bimiRecordName(dnsName, selector),
              type: "TXT",
              content: certificate.published.apply((published) => {
                const pair = published?.find((pair) => pair.name === dnsName);
                // Empty tags would decline BIMI for the name.
                if (!pair && args.certificate && published) throw notOfCertificate(dnsName, published);
                return txtContent(bimiAssertion(pair ?? { logoUrl: "", certificateUrl: "" }));
              }),
              ttl: bimiTtl,
              proxied: false,
            },
            { parent },
          ),
      );
    }

    function checkArgs(): void {
      const unknown = Object.keys(args).filter((key) => !known.includes(key));
      if (unknown.length > 0) throw problem(`there is no input ${unknown.join(", ")}. There are: ${known.join(", ")}.`);
      oneOf("cnameStyle", cnameStyle, ["_dnsauth", "seed"]);
      oneOf("dcvRecordName", dcvRecordName, ["@", "_dnsauth"]);
      const noId = Object.entries(args.zones ?? {}).filter(([, id]) => id === undefined || id === null || id === "");
      if (noId.length > 0) throw problem(`zones: ${noId.map(([zone]) => zone).join(", ")} has no Cloudflare zone id.`);
      const ofCertificate = known.slice(known.indexOf("logoUrl"), known.indexOf("selector"));
      if (args.certificate && ofCertificate.some((input) => args[input as keyof CloudflareBimiArgs] !== undefined)) {
        throw problem(
          `${ofCertificate.join(", ")} belong to the MarkCertificate; give them there, or leave out certificate.`,
        );
      }
      const bad = selectorProblem(selector);
      if (bad) throw problem(`selector "${selector}": ${bad}`);
    }

    function notOfCertificate(dnsName: string, published: readonly { name: string }[]): pulumi.RunError {
      const names = published.map(({ name }) => name).join(", ");
      return problem(
        `the given certificate is for ${names || "no name"}, not for ${dnsName} of the order. Name it in the certificate's order.dnsNames.`,
      );
    }

    function oneOf(input: string, value: string | undefined, allowed: readonly string[]): void {
      if (value !== undefined && !allowed.includes(value)) {
        throw problem(`${input} "${value}" must be one of ${allowed.join(", ")}.`);
      }
    }

    function plainDnsNames(): string[] {
      const names = args.dnsNames?.map(canonicalDnsName) ?? order.__declared.dnsNames;
      if (!names) {
        throw problem(
          "the order's dnsNames are computed, but which records exist must follow from plain values. Pass dnsNames to CloudflareBimi.",
        );
      }
      return names;
    }

    function plainMethod(): DcvMethod {
      const method = args.dcvMethod ?? order.__declared.dcvMethod;
      if (!method) throw problem("the order's dcvMethod is computed. Pass dcvMethod to CloudflareBimi.");
      return method;
    }

    function zonesOfNames(): Map<string, string> {
      const found = new Map(dnsNames.map((dnsName) => [dnsName, longestZone(dnsName, zoneNamesGiven)]));
      const without = dnsNames.filter((dnsName) => found.get(dnsName) === undefined);
      if (without.length > 0) {
        throw problem(
          `no zone for ${without.join(", ")}: zones has ${zoneNamesGiven.join(", ") || "none"}. Add the Cloudflare zone of each name, as { "example.com": zoneId }.`,
        );
      }
      return found as Map<string, string>;
    }

    function zoneOf(dnsName: string): pulumi.Input<string> {
      return args.zones[zoneNames.get(dnsName)!]!;
    }

    function problem(message: string): pulumi.RunError {
      return new pulumi.RunError(`CloudflareBimi ${name}: ${message}`);
    }
  }
}
