/** `URL.canParse` of Node.js 20 errs about text that is not ASCII as soon as V8 has optimized it. */
export function parseUrl(text: string, base?: URL): URL | undefined {
  try {
    return new URL(text, base);
  } catch {
    return undefined;
  }
}
