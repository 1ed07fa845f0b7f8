/** An answer in DigiCert's error shape: `{"errors":[{"code","message"}]}`. */
export class ApiError extends Error {
  readonly errors: { code: string; message: string }[];

  constructor(
    readonly status: number,
    code: string | { code: string; message: string }[],
    message = "An error occurred while processing your request.",
  ) {
    super(message);
    this.errors = typeof code === "string" ? [{ code, message }] : code;
  }
}

/** From a switch value such as `400 some_code`. */
export function switchedError(value: string, message: string): ApiError {
  const [status = "400", ...code] = value.split(" ");
  return new ApiError(Number(status), code.join(" "), message);
}

export const notFound = (what: string) => new ApiError(404, `not_found|${what}`, `The ${what} could not be found.`);

export const missingPermission = () =>
  new ApiError(403, "access_denied|missing_permission", "You do not have permission to perform that action.");

/** A parameter that the endpoint does not take in this form; the path names it. */
export const badParameter = (path: string, message: string) => new ApiError(400, `invalid_parameter|${path}`, message);
