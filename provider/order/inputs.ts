import { z } from "zod";
import { failuresOf } from "../check";
import {
  contact,
  contactProblems,
  countryCode,
  email,
  id,
  organizationDetails,
  organizationProblems,
  person,
  reasonsToIgnore,
  text,
} from "../inputs";
import type { Failure, Props } from "../lifecycle";
import { canonicalDnsName, DCV_METHODS, dnsNameProblem, isSubdomain } from "../records";
import { isUnknown } from "../unknown";
import { ignoreRulesProblems } from "./logo";

/** A logo as `check` leaves it in the inputs: only the hash decides whether it changed. */
export const checkedLogo = z.strictObject({
  /** Path relative to the Pulumi project, with forward slashes. */
  path: text.optional(),
  /** The SVG itself, when it was given inline. */
  svg: text.optional(),
  /** SHA-256 of the exact bytes, lower-case hex. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  /** Size in bytes. */
  size: z.int().positive(),
});
export type CheckedLogo = z.infer<typeof checkedLogo>;

/** What `onDelete` may say; see {@link orderInputs}. */
export const onDeleteOrder = ["cancel", "retain", "revoke", "revokeCertificate"] as const;

/**
 * Inputs that VMC and CMC orders share (Services API: `POST /order/certificate/{product}`).
 * Unless an input says otherwise, a change after the order was placed holds for the next order.
 */
export const orderInputs = {
  /**
   * Domains the certificate covers: 1 or more fully qualified names, each listed explicitly (no wildcards, no `_`).
   * Case, order and IDN spelling do not matter.
   */
  dnsNames: z.array(text).min(1, "must name at least one domain, such as example.com."),
  /** The organization whose mark it is: the `id` of one in the account (recommended), or details to make a new one. */
  organization: z.strictObject({
    /** Id of an organization of the CertCentral account. */
    id: id.optional(),
    ...organizationDetails,
    /** People who approve the certificate for the organization: at least one verified contact. */
    contacts: z.array(contact).optional(),
  }),
  /**
   * Path of the SVG Tiny PS logo (relative to the Pulumi project), or the SVG itself. Its exact bytes are ordered;
   * moving the file changes nothing. May be left out and added, here or in CertCentral, while the order is pending.
   */
  logo: z.union([text, checkedLogo], { error: "must be the path of an SVG file, or the SVG itself." }).optional(),
  /**
   * Rules of the logo's lint that do not count, by id, each with the reason: it stays in the state, for whoever asks
   * later. For example `{ "SVG-027": "the registered mark has no background" }`. Rules without which a file is no SVG at
   * all cannot be ignored.
   */
  ignoreRules: reasonsToIgnore.optional(),
  /**
   * Also ask DigiCert's free validator about a new logo, in previews too (`PUT /util/validate-vmc-logo`, without the
   * API key). Default: false.
   */
  remoteLint: z.boolean().optional(),
  /** Let DigiCert host the logo and the certificate; see the `MarkCertificate` outputs for the locations. Default: false. */
  enableHosting: z.boolean().optional(),
  /**
   * How control of the domains is proved: `dns-txt-token`, `dns-cname-token` (both wired by `CloudflareBimi`),
   * `http-token` or `email`. Default: DigiCert's, `email`.
   */
  dcvMethod: z.enum(DCV_METHODS, { error: `must be one of ${DCV_METHODS.join(", ")}.` }).optional(),
  /** With `dcvMethod: "email"` only: who gets the DCV mail. Default: the five constructed addresses of each domain. */
  dcvEmails: z
    .array(
      z.strictObject({
        /** The ordered domain. */
        dnsName: text,
        /** The domain that the address proves: the ordered one or a parent. Default: `dnsName`. */
        emailDomain: text.optional(),
        /** admin@, administrator@, webmaster@, hostmaster@ or postmaster@ the domain, or an address of the domain. */
        email,
      }),
    )
    .optional(),
  /**
   * A spending decision. true (default): `pulumi up` is the approval and DigiCert starts at once. false: an
   * administrator must approve the request in CertCentral first, and there are no DCV tokens until then. Changed to true
   * while the order waits, `pulumi up` approves it, if the key may. Reissues and renewals heed it too.
   */
  skipApproval: z.boolean().optional(),
  /** `balance`, `card`, `profile` or `wire_transfer`. Default: the account's. */
  paymentMethod: z
    .enum(["balance", "card", "profile", "wire_transfer"], {
      error: "must be one of balance, card, profile, wire_transfer.",
    })
    .optional(),
  /** With `paymentMethod: "card"`: where the card is. Never written to the state. */
  creditCard: z
    .strictObject({
      /**
       * Environment variable that holds a JSON object
       * `{"number", "expirationMonth", "expirationYear", "cvv", "cardholderName"}`, read when the order is placed.
       */
      fromEnv: text,
    })
    .optional(),
  /** Billing address of the card. */
  billingAddress: z
    .strictObject({
      /** Street address. */
      address: text,
      /** Second line. */
      address2: text.optional(),
      /** City. */
      city: text,
      /** State or province; some countries have none. */
      state: text.optional(),
      /** Two-letter ISO 3166-1 country code. */
      country: countryCode,
      /** Postal code; some countries have none. */
      zip: text.optional(),
    })
    .optional(),
  /** VAT number for the invoice. */
  vatNumber: text.optional(),
  /** Message for the approver. */
  comments: text.optional(),
  /**
   * Let DigiCert renew the order by itself. Default: false. Not together with `renewBefore`. Turning it off does not reach
   * an order that is placed: do that in CertCentral.
   */
  autoRenew: z.boolean().optional(),
  /** Text for DigiCert's renewal mails. */
  customRenewalMessage: text.optional(),
  /** No renewal mails. Default: false. */
  disableRenewalNotifications: z.boolean().optional(),
  /** Further addresses for DigiCert's certificate mails. */
  additionalEmails: z.array(email).optional(),
  /** Language of the DCV mail, such as `en`. */
  locale: text.optional(),
  /** This order renews the one with this number. Not together with `renewedThumbprint`. */
  renewalOfOrderId: id.optional(),
  /** This order renews the one whose primary certificate has this SHA-1 thumbprint (40 hex digits). */
  renewedThumbprint: z
    .string()
    .regex(/^[0-9A-Fa-f]{40}$/, "must be a SHA-1 thumbprint: 40 hex digits, without colons.")
    .optional(),
  /** Contact for this order instead of the organization's. */
  organizationContact: person.optional(),
  /** Technical contact for this order. */
  technicalContact: person.optional(),
  /** CertCentral container (division) to place the order in. */
  containerId: id.optional(),
  /** The account's custom order fields. */
  customFields: z
    .array(
      z.strictObject({
        /** Id of the field. */
        metadataId: id,
        /** Its value. */
        value: text,
      }),
    )
    .optional(),
  /**
   * Replaces the derived reference in the alternative order ids to come; a counter is appended. Letters and digits,
   * at most 63, ending in a letter. Changing it places nothing, but do not change it while a run that crashed may have
   * left an order that no state holds: it would not be found.
   */
  alternativeOrderId: z
    .string()
    .max(63, "must be at most 63 characters: DigiCert takes 64, and a counter is appended.")
    .regex(/^[A-Za-z0-9]*$/, "must be letters and digits only.")
    .regex(/[A-Za-z]$/, "must end in a letter: a counter is appended.")
    .optional(),
  /**
   * Take over this order of the account instead of placing one, or in place of the one that the resource has. Nothing is
   * written; product, organization and domains must agree.
   */
  adoptOrderId: id.optional(),
  /**
   * Days before the order ends at which `pulumi up` renews it: 1 to 90, and less than half the certificate's life. This
   * buys a new order (`renewal_of_order_id`), once per order. Default: no renewal; the output `renewalDue` and a line in
   * the preview say when it is time.
   */
  renewBefore: z
    .int("must be a whole number of days.")
    .min(1, "must be 1 to 90 days.")
    .max(90, "must be 1 to 90 days: DigiCert renews an order in its last 90 days.")
    .optional(),
  /**
   * Days before a certificate ends at which `pulumi up` asks for its next one, where the order runs longer (multi-year
   * plan, so it is paid for): 1 to 90, or `never`. Default: 30.
   */
  reissueBefore: z
    .union([
      z.int("must be a whole number of days.").min(1, "must be 1 to 90 days.").max(90, "must be 1 to 90 days."),
      z.literal("never"),
    ])
    .optional(),
  /**
   * Consent to a further order beside one that the account has for the same product, organization and a common domain,
   * by its number (several: a list), for example for another BIMI selector. Without it such an order is refused.
   */
  besideOrder: z.union([id, z.array(id)]).optional(),
  /**
   * Consent to order anew in place of an order that ended (canceled, rejected, revoked, expired): the number of that
   * order. It allows one order; without it, `pulumi up` fails at a dead order.
   */
  reorderAfter: id.optional(),
  /**
   * What `pulumi destroy` does to the order: `cancel` (default if we placed it) cancels it while it is pending and
   * leaves an issued one alone; `retain` (default if adopted) does nothing; `revoke` also revokes every certificate of an
   * issued one; `revokeCertificate` only its current certificate, so that the order can be reissued.
   */
  onDelete: z.enum(onDeleteOrder, { error: `must be one of ${onDeleteOrder.join(", ")}.` }).optional(),
  /** Reason given to DigiCert when the order is canceled or revoked. */
  note: text.optional(),
  /** @internal Reference of the resource, derived by its class. */
  __reference: z.string(),
  /** @internal References under the resource's aliases. */
  __formerReferences: z.array(z.string()).optional(),
  /** @internal URN, for messages on the resource's own row. */
  __urn: z.string().optional(),
  /** @internal First digits of the logo's SHA-256, by `check`: of an update's preview, dependents know inputs only. */
  __logo: z.string().optional(),
};
const shape = z.strictObject(orderInputs);
export type OrderInputs = z.infer<typeof shape> & {
  years?: number;
  trademark?: { countryCode: string; registrationNumber: string };
};

/** Inputs whose values Pulumi must not print in an error. */
export const personalOrderInputs = [
  "organization",
  "dcvEmails",
  "creditCard",
  "billingAddress",
  "vatNumber",
  "additionalEmails",
  "organizationContact",
  "technicalContact",
] as const;

/** What no single input can tell: rules between inputs. Unknown values pass. */
export function orderProblems(news: Props): Failure[] {
  const problems = [
    ...dnsNameProblems(news.dnsNames),
    ...organizationRules(news.organization),
    ...dcvEmailProblems(news),
    ...paymentProblems(news),
    ...renewalProblems(news),
    ...trademarkProblems(news),
    ...ignoreRulesProblems(news),
  ];
  return failuresOf(problems, personalOrderInputs);
}

type Problem = { path: string; reason: string };

function dnsNameProblems(names: unknown): Problem[] {
  if (!Array.isArray(names)) return [];
  const known = names.filter((name): name is string => typeof name === "string" && !isUnknown(name));
  return [...new Set(known)].flatMap((name) => {
    const reason = dnsNameProblem(name);
    return reason ? [{ path: "dnsNames", reason: `"${name}": ${reason}` }] : [];
  });
}

function organizationRules(organization: unknown): Problem[] {
  if (!organization || typeof organization !== "object" || isUnknown(organization)) return [];
  const given = organization as Props;
  const problems = organizationProblems(given, "id");
  if (given.id !== undefined && given.organizationContact !== undefined) {
    problems.push({
      path: "organizationContact",
      reason: "belongs to a new organization. For this order only, use the order's own organizationContact.",
    });
  }
  return [
    ...problems.map(({ path, reason }) => ({ path: `organization.${path}`, reason })),
    ...contactProblems(given.contacts, "organization.contacts"),
  ];
}

function dcvEmailProblems({ dcvEmails, dcvMethod, dnsNames }: Props): Problem[] {
  if (!Array.isArray(dcvEmails)) return [];
  if (typeof dcvMethod === "string" && dcvMethod !== "email" && !isUnknown(dcvMethod)) {
    return [
      {
        path: "dcvEmails",
        reason: `goes with dcvMethod "email" only, not with "${dcvMethod}". Remove dcvEmails or change dcvMethod.`,
      },
    ];
  }
  const areKnown = Array.isArray(dnsNames) && dnsNames.every((name) => typeof name === "string" && !isUnknown(name));
  const names = areKnown ? new Set(dnsNames.map(canonicalDnsName)) : undefined;
  return dcvEmails.flatMap((entry: Props, index) => {
    if (
      !entry ||
      [entry.email, entry.dnsName, entry.emailDomain].some((v) => isUnknown(v)) ||
      typeof entry.email !== "string" ||
      typeof entry.dnsName !== "string" ||
      !entry.email.includes("@")
    )
      return [];
    const path = `dcvEmails[${index}]`;
    const dnsName = canonicalDnsName(entry.dnsName);
    if (names && !names.has(dnsName)) {
      return [{ path: `${path}.dnsName`, reason: `"${entry.dnsName}" is not among dnsNames. Name one of them.` }];
    }
    const domain = canonicalDnsName(typeof entry.emailDomain === "string" ? entry.emailDomain : dnsName);
    if (domain !== dnsName && !isSubdomain(dnsName, domain)) {
      return [
        { path: `${path}.emailDomain`, reason: `"${entry.emailDomain}" is neither ${dnsName} nor a parent of it.` },
      ];
    }
    const at = canonicalDnsName(entry.email.slice(entry.email.lastIndexOf("@") + 1));
    if (at !== domain) {
      return [
        {
          path: `${path}.email`,
          reason: `the address is at ${at}, so it is none of admin@, administrator@, webmaster@, hostmaster@, postmaster@${domain} and no address of that domain. DigiCert mails only those.`,
        },
      ];
    }
    return [];
  });
}

function paymentProblems({ paymentMethod, creditCard }: Props): Problem[] {
  if (creditCard !== undefined && !isUnknown(creditCard) && paymentMethod !== "card" && !isUnknown(paymentMethod)) {
    return [
      {
        path: "creditCard",
        reason: 'goes with paymentMethod "card" only. Remove creditCard or set paymentMethod to "card".',
      },
    ];
  }
  if (paymentMethod === "card" && creditCard === undefined) {
    return [
      {
        path: "creditCard",
        reason:
          'paymentMethod "card" needs creditCard: { fromEnv: "NAME" }, the environment variable that holds the card as JSON.',
      },
    ];
  }
  return [];
}

function renewalProblems({ renewalOfOrderId, renewedThumbprint, autoRenew, renewBefore }: Props): Problem[] {
  const isGiven = (value: unknown) => value !== undefined && !isUnknown(value);
  if (autoRenew === true && isGiven(renewBefore)) {
    return [
      {
        path: "renewBefore",
        reason: "does not go with autoRenew: the order would be renewed, and paid, twice. Give one of them.",
      },
    ];
  }
  if (isGiven(renewalOfOrderId) && isGiven(renewedThumbprint)) {
    return [
      {
        path: "renewedThumbprint",
        reason: "give renewalOfOrderId or renewedThumbprint, not both: they name the same thing.",
      },
    ];
  }
  return [];
}

function trademarkProblems({ trademark, logo }: Props): Problem[] {
  if (trademark !== undefined && !isUnknown(trademark) && logo === undefined) {
    return [
      {
        path: "trademark",
        reason: "needs a logo: DigiCert takes trademark data only with the logo it protects. Add logo.",
      },
    ];
  }
  return [];
}
