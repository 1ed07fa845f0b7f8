/**
 * A short secret by itself, or behind its name: four digits are met by chance inside of a certificate, a key or an id.
 * @param name what the secret is called where it would be told, such as `cvv`
 */
export function alone(secret: string | number, name: string): RegExp {
  return new RegExp(`(?<![\\w+/])${secret}(?![\\w+/])|${name}[^0-9A-Za-z]*${secret}`, "i");
}
