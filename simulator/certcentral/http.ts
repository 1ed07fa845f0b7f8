import type { ApiKey } from "./state";
import type { World } from "./world";

/** One call as an endpoint sees it, after authentication. */
export interface Call {
  world: World;
  key: ApiKey;
  /** Values of the path's `{…}` parts. */
  params: string[];
  query: URLSearchParams;
  /** Parsed JSON; undefined without a body. */
  json: unknown;
  body: Buffer;
  contentType: string;
  accept: string;
}

export interface Answer {
  status: number;
  json?: unknown;
  body?: string | Buffer;
  contentType?: string;
  /** Seconds, for the Retry-After header. */
  retryAfter?: number;
}

/**
 * Who may call: `public` without a key, `read` any key, `order` every key but view-only ones, `manage` administrators
 * and managers.
 */
export type Access = "public" | "read" | "order" | "manage";

export interface Route {
  method: "GET" | "POST" | "PUT" | "DELETE";
  /** Path below `/services/v2`, with `{…}` for one segment. */
  path: string;
  access: Access;
  /** `raw`: takes a body that is not JSON; `json` (default): a JSON body or none. */
  takes?: "raw";
  handle(call: Call): Answer | Promise<Answer>;
}

export const ok = (json: unknown, status = 200): Answer => ({ status, json });
export const created = (json: unknown): Answer => ({ status: 201, json });
export const noContent = (): Answer => ({ status: 204 });
