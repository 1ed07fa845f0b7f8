import type * as pulumi from "@pulumi/pulumi";
import { BimiError, Context, type Settings } from "../context";
import { type Lifecycle, PartialStateError, type Props } from "../lifecycle";
import { orderLifecycle } from "../order/lifecycle";
import { cmcOrder as cmcKind } from "../resources/cmcOrder";
import { markCertificate as markCertificateLifecycle } from "../resources/markCertificate";
import { orgValidation as orgValidationLifecycle } from "../resources/orgValidation";
import { vmcOrder as vmcKind } from "../resources/vmcOrder";
import { engineLog } from "./log";

/**
 * What Pulumi's dynamic-provider process loads: the lifecycles behind Pulumi's contract. The state of every stack
 * names this module and these exports (`provider/resource.ts`), so they are fixed for ever.
 */
export const vmcOrder = adapt(orderLifecycle(vmcKind, context));
export const cmcOrder = adapt(orderLifecycle(cmcKind, context));
export const orgValidation = adapt(orgValidationLifecycle(context));
export const markCertificate = adapt(markCertificateLifecycle(context));

// A diagnostic report of a crash would hold the environment, and with it key and card. Node.js 22.13 and newer heed this.
if (process.report) process.report.excludeEnv = true;

// All resources of a stack that use the same provider share this process.
let config: pulumi.dynamic.Config | undefined;
let shared: Context | undefined;
const log = engineLog();

function context(): Context {
  shared ??= new Context({ settings, log, projectDir: process.cwd() });
  return shared;
}

function settings(): Settings {
  const get = (key: string) => config?.get(`bimi:${key}`) || undefined;
  return {
    apiKey: get("apiKey") ?? process.env.DIGICERT_API_KEY,
    baseUrl: get("baseUrl") ?? process.env.DIGICERT_BASE_URL,
    allowOrders: get("allowOrders") === "true",
    maxOrdersPerUpdate: wholeNumber("maxOrdersPerUpdate", get("maxOrdersPerUpdate")),
    onDeadOrder: get("onDeadOrder") === "warn" ? "warn" : "fail",
    resolver: get("resolver"),
    extraRoots: get("extraRoots"),
    allowPrivateHosts: get("allowPrivateHosts") === "true",
  };
}

function wholeNumber(key: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d+$/.test(text)) return Number(text);
  throw new BimiError("bad_configuration", `bimi:${key} must be a whole number, but is "${text}". Nothing was done.`);
}

function adapt(lifecycle: Lifecycle): pulumi.dynamic.ResourceProvider {
  return {
    // Calls race this one, so it only keeps the configuration, synchronously.
    configure(req) {
      config = req.config;
      return Promise.resolve();
    },
    async check(olds: Props, news: Props) {
      const { inputs, failures } = await flushed(lifecycle.check(without(olds), without(news)));
      return { inputs: plain(inputs), failures };
    },
    diff(id, olds: Props, news: Props) {
      context().belongsWith(olds);
      return quiet(flushed(lifecycle.diff(id, without(olds), without(news))));
    },
    async create(inputs: Props) {
      const { id, outs } = await keeping(inputs, flushed(lifecycle.create(without(inputs))));
      return { id, outs: plain(outs) };
    },
    async read(id, props: Props) {
      const result = await quiet(flushed(lifecycle.read(id, without(props))));
      return { id: result.id, props: plain(result.props) };
    },
    async update(id, olds: Props, news: Props) {
      const { outs } = await keeping(news, flushed(lifecycle.update(id, without(olds), without(news))));
      return { outs: plain(outs) };
    },
    delete: (id, props: Props) => quiet(flushed(lifecycle.delete(id, without(props)))),
  };
}

/** Lines that were logged arrive before the call ends. */
async function flushed<T>(result: Promise<T>): Promise<T> {
  try {
    return await result;
  } finally {
    await log.flush();
  }
}

/** Pulumi adds its own property to inputs and outputs. */
function without(props: Props | undefined): Props {
  const { __provider: _, ...rest } = props ?? {};
  return rest;
}

/** Pulumi's serializer throws on `undefined`, and it runs after the order was placed. */
function plain(props: Props): Props {
  return JSON.parse(JSON.stringify(props));
}

/** Of a failed step Pulumi stores just these properties: without `__provider` the resource could never be deleted. */
async function keeping<T>(props: Props, result: Promise<T>): Promise<T> {
  try {
    return await result;
  } catch (error) {
    if (error instanceof PartialStateError)
      error.properties = { ...plain(error.properties), __provider: props.__provider };
    throw error;
  }
}

/** Pulumi prints the stack of what these calls throw; the message says all a user needs. */
async function quiet<T>(result: Promise<T>): Promise<T> {
  try {
    return await result;
  } catch (error) {
    if (error instanceof Error) error.stack = "";
    throw error;
  }
}
