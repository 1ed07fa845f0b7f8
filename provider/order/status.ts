/** Order states from which nothing follows any more (Services API, order status values). */
const dead = new Set(["canceled", "rejected", "revoked", "expired", "denied"]);

/** Canceled, rejected, revoked or expired: a new order may take its place. */
export function isDead(status: string): boolean {
  return dead.has(status.toLowerCase());
}

/** `approved` is the older name of issued. */
export function isIssued(status: string): boolean {
  return ["issued", "approved"].includes(status.toLowerCase());
}

/** The order has a certificate in force: issued, and during a reissue too. */
export function isInForce(status: string): boolean {
  return isIssued(status) || status.toLowerCase() === "reissue_pending";
}

/** Waiting: for approval, for people at DigiCert, or for us. */
export function isPending(status: string): boolean {
  return !isDead(status) && !isIssued(status);
}
