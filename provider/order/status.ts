/** Order states from which nothing follows any more (Services API, order status values). */
const dead = new Set(["canceled", "rejected", "revoked", "expired", "denied"]);

/** Canceled, rejected, revoked or expired: a new order may take its place. */
export function isDead(status: string): boolean {
  return dead.has(status.toLowerCase());
}

/** `approved` is the older name of issued. A reissue under way leaves the issued certificate in force. */
export function isIssued(status: string): boolean {
  return ["issued", "approved"].includes(status.toLowerCase());
}

/** Waiting: for approval, for people at DigiCert, or for us. */
export function isPending(status: string): boolean {
  return !isDead(status) && !isIssued(status);
}
