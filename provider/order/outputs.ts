import { z } from "zod";
import { onDeleteOrder } from "./inputs";

/** Outputs of both orders. They change only with the order's own updates, so that dependents do not flicker. */
export const orderOutputs = {
  /** Number of the order at DigiCert. */
  orderId: z.int(),
  /** Id of the order's certificate; allotted when the request is approved, long before there is a certificate. */
  certificateId: z.int().optional(),
  /** State of the order as of its last own update; `MarkCertificate.status` is the live one. */
  status: z.string(),
  /** Approval requests of the order, as of its last own update. */
  requests: z.array(
    z.object({
      /** Id of the request. */
      id: z.int(),
      /** `submitted`, `pending`, `approved` or `rejected`. */
      status: z.string().optional(),
    }),
  ),
  /** Organization that DigiCert put on the order. */
  organizationId: z.int().optional(),
  /** Id of the logo at DigiCert, when DigiCert says it. */
  logoId: z.int().optional(),
  /** SHA-256 of the ordered logo, lower-case hex. */
  logoSha256: z.string().optional(),
  /** Alternative order id that the order was placed with: it finds the order again after a crash. */
  placedAlternativeOrderId: z.string().optional(),
  /** The domains of the order and the values that prove control of them. */
  domains: z.array(
    z.object({
      /** Id of the domain in the account. */
      id: z.int(),
      /** Domain of the account that is validated: the ordered name or a parent. */
      name: z.string().optional(),
      /** The ordered name. */
      dnsName: z.string(),
      /** Random value; none for email, before approval, or when the domain was valid already. */
      token: z.string().optional(),
      /** `pending` or `active`, as of the order's last own update. */
      status: z.string().optional(),
      /** When the token stops proving anything: ISO 8601, UTC. */
      expires: z.string().optional(),
      /** DigiCert's value for the CNAME record; once issued only if it does not follow from the token. */
      verificationValue: z.string().optional(),
      /** With `http-token`: where the file that holds the token must be served. */
      httpTokenUrl: z.string().optional(),
      /** With `email`: who got DigiCert's mail. One of them must answer it. */
      mailedTo: z.array(z.string()).optional(),
    }),
  ),
  /** DNS records that prove control of the domains, for any DNS provider. */
  dcvRecords: z.array(
    z.object({
      /** The ordered name. */
      domain: z.string(),
      /** Owner name, without trailing dot. */
      name: z.string(),
      /** `TXT` or `CNAME`. */
      type: z.enum(["TXT", "CNAME"]),
      /** Text of the TXT record (unquoted), or target of the CNAME. */
      content: z.string(),
      /** Seconds. */
      ttl: z.int(),
    }),
  ),
  /** With `http-token`: files that prove control of the domains, for any web server. */
  dcvFiles: z.array(
    z.object({
      /** The ordered name. */
      domain: z.string(),
      /** Where the file must be served: http, port 80, exactly this host, no redirect. */
      url: z.string(),
      /** Its content. */
      content: z.string(),
    }),
  ),
  /** End of the order (multi-year plan): YYYY-MM-DD. Once issued. */
  orderValidTill: z.string().optional(),
  /** End of its current certificate: YYYY-MM-DD. Once issued. */
  certificateValidTill: z.string().optional(),
  /** Whether DigiCert links the order to one that it renews. */
  isRenewal: z.boolean(),
  /** Number of the renewed order. */
  renewedOrderId: z.int().optional(),
  /** Whether it is time to renew the order and nobody told us to: see `renewBefore`. */
  renewalDue: z.boolean().optional(),
  /** What a refresh found at DigiCert to differ from what was ordered: logo, trademark, names, a renewal made elsewhere. */
  drift: z.array(z.string()).optional(),
  /** Earlier orders of this resource. */
  history: z.array(
    z.object({
      /** Number of the order at DigiCert. */
      orderId: z.int(),
      /** Its state when it was last looked at: once the next one was placed. */
      status: z.string(),
    }),
  ),
  /** Reference of the resource, kept for ever: its alternative order ids begin with it, unless `alternativeOrderId` is given. */
  reference: z.string(),
  /** CertCentral account that the order belongs to. */
  accountId: z.int(),
  /** DigiCert site that the order belongs to, or `loopback`. */
  origin: z.string(),
  /** Copy of the input: `delete` sees outputs only. */
  onDelete: z.enum(onDeleteOrder).optional(),
  /** Copy of the input: `delete` sees outputs only. */
  note: z.string().optional(),
  /** Copy of the input. */
  renewBefore: z.int().optional(),
  /** Copy of the input. */
  reissueBefore: z.union([z.int(), z.literal("never")]).optional(),
  /** Copy of the input. */
  ignoreRules: z.record(z.string(), z.string()).optional(),
  /** Copy of the input. */
  reorderAfter: z.int().optional(),
  /** @internal First digits of the declared logo's SHA-256. */
  __logo: z.string().optional(),
  /** @internal When DigiCert was last asked for details, while the order is pending. */
  __seenAt: z.string().optional(),
  /** @internal A successor or renewal of which it is in doubt whether DigiCert took it. */
  __doubt: z
    .object({ alternativeOrderId: z.string(), n: z.int(), since: z.string(), by: z.int().optional() })
    .optional(),
  /** @internal Predecessors that are still to be canceled. */
  __cancel: z.array(z.int()).optional(),
  /** @internal The certificate that we asked DigiCert to reissue, and since when its answer is in doubt. */
  __reissued: z.object({ certificateId: z.int().optional(), doubtSince: z.string().optional() }).optional(),
  /** @internal How many orders the resource has placed; 0 for an adopted one. */
  __n: z.int(),
  /** @internal What the inputs were when order and inputs last agreed. */
  __agreed: z.record(z.string(), z.string()),
};
const shape = z.object(orderOutputs);
export type OrderOutputs = z.infer<typeof shape>;

/** What is kept when it is in doubt whether an order was placed. */
export interface DoubtfulOutputs {
  reference: string;
  accountId: number;
  origin: string;
  /** The alternative id that the doubtful order would have. */
  placedAlternativeOrderId: string;
  /** Since when: ISO 8601, DigiCert's clock. */
  doubtSince: string;
  /** The user whose key it was sent with. */
  doubtBy?: number;
  onDelete?: (typeof onDeleteOrder)[number];
  note?: string;
  __n: number;
}
