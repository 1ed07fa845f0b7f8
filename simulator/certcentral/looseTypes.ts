/** Ids as strings and booleans as `"1"` / `"0"`, as clients have met them in DigiCert's answers. */
export function loosen(value: unknown, name = ""): unknown {
  if (Array.isArray(value)) return value.map((item) => loosen(item, name));
  if (value !== null && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, loosen(inner, key)]));
  }
  if (typeof value === "number" && /^id$|_id$/.test(name)) return String(value);
  if (typeof value === "boolean") return value ? "1" : "0";
  return value;
}
