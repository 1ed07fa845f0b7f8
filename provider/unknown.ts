/**
 * Values that a preview does not know yet reach `check` and `diff` as these strings, at any depth
 * (pulumi `pkg/resource/plugin/rpc.go`).
 */
const sentinels = new Set([
  "04da6b54-80e4-46f7-96ec-b56ff0331ba9", // string, and everything the Node SDK sends
  "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7", // bool
  "3eeb2bf0-c639-47a8-9e75-3b44932eb421", // number
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2", // array
  "dd056dcd-154b-4c76-9bd3-c8f88648b5ff", // object
  "030794c1-ac77-496b-92df-f27374a8bd58", // asset
  "e48ece36-62e2-4504-bad9-02848725956a", // archive
]);

/** The sentinel of a string, for tests and for engines that have to make one. */
export const unknownValue = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

export function isUnknown(value: unknown): boolean {
  return typeof value === "string" && sentinels.has(value);
}

export function containsUnknown(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(containsUnknown);
  if (value && typeof value === "object") return Object.values(value).some(containsUnknown);
  return isUnknown(value);
}
