import { readFileSync } from "node:fs";
import { type ServerUnaryCall, type ServiceError, status, type UntypedServiceImplementation } from "@grpc/grpc-js";
import plugin from "@pulumi/pulumi/proto/plugin_pb";
import proto from "@pulumi/pulumi/proto/provider_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb.js";
import { type JavaScriptValue, Struct } from "google-protobuf/google/protobuf/struct_pb.js";
import { CloudflareApi } from "./api";
import type { Properties } from "./dnsRecord";
import * as dnsRecord from "./dnsRecord";

/** The engine compares this with what the program's @pulumi/cloudflare asks for. */
const { version } = JSON.parse(readFileSync(require.resolve("@pulumi/cloudflare/package.json"), "utf8"));

const dnsRecordType = "cloudflare:index/dnsRecord:DnsRecord";
const secretMarker = "4dabf18193072939515e22adb298388d";

/** Pulumi's provider protocol for `DnsRecord`. */
export function createProvider(): UntypedServiceImplementation {
  let config: Properties = {};

  /** Built when first needed: a preview of new records makes no call and needs no token. */
  function api(): CloudflareApi {
    const token = config.apiToken ?? process.env.CLOUDFLARE_API_TOKEN;
    const baseUrl = config.baseUrl ?? process.env.CLOUDFLARE_BASE_URL;
    if (!token) throw new Error("no API token: set cloudflare:apiToken or CLOUDFLARE_API_TOKEN");
    if (!baseUrl)
      throw new Error("the stand-in for Cloudflare's plugin needs cloudflare:baseUrl or CLOUDFLARE_BASE_URL");
    return new CloudflareApi(String(baseUrl), String(token));
  }

  return {
    getPluginInfo: answer(async () => new plugin.PluginInfo().setVersion(version)),

    checkConfig: answer(async (request: proto.CheckRequest) => {
      const news = request.getNews();
      const response = new proto.CheckResponse().setInputs(news);
      const token = propertiesOf(news).apiToken;
      if (token !== undefined && token !== dnsRecord.unknown && !/^[\w-]{40,}$/.test(String(token))) {
        response.addFailures(failure("apiToken", "API tokens must be 40 characters long, of a-z, A-Z, 0-9, - and _"));
      }
      return response;
    }),

    diffConfig: answer(async () => new proto.DiffResponse().setChanges(proto.DiffResponse.DiffChanges.DIFF_NONE)),

    configure: answer(async (request: proto.ConfigureRequest) => {
      config = propertiesOf(request.getArgs());
      return new proto.ConfigureResponse().setSupportspreview(true);
    }),

    check: answer(async (request: proto.CheckRequest) => {
      requireDnsRecord(request.getUrn());
      const { inputs, failures } = dnsRecord.check(propertiesOf(request.getNews()));
      const response = new proto.CheckResponse().setInputs(structOf(inputs));
      for (const { property, reason } of failures) response.addFailures(failure(property, reason));
      return response;
    }),

    diff: answer(async (request: proto.DiffRequest) => {
      const changed = dnsRecord.changedProperties(propertiesOf(request.getOlds()), propertiesOf(request.getNews()));
      const replaces = changed.filter(dnsRecord.needsReplacement);
      const { DIFF_NONE, DIFF_SOME } = proto.DiffResponse.DiffChanges;
      const response = new proto.DiffResponse()
        .setChanges(changed.length > 0 ? DIFF_SOME : DIFF_NONE)
        .setDiffsList(changed)
        .setReplacesList(replaces)
        .setHasdetaileddiff(true);
      const { UPDATE, UPDATE_REPLACE } = proto.PropertyDiff.Kind;
      for (const property of changed) {
        const kind = replaces.includes(property) ? UPDATE_REPLACE : UPDATE;
        response.getDetaileddiffMap().set(property, new proto.PropertyDiff().setKind(kind));
      }
      return response;
    }),

    create: answer(async (request: proto.CreateRequest) => {
      const inputs = propertiesOf(request.getProperties());
      if (request.getPreview()) return new proto.CreateResponse().setProperties(structOf(dnsRecord.planned(inputs)));
      const { id, state } = await dnsRecord.create(api(), inputs);
      return new proto.CreateResponse().setId(id).setProperties(structOf(state));
    }),

    read: answer(async (request: proto.ReadRequest) => {
      requireDnsRecord(request.getUrn());
      const found = await dnsRecord.read(api(), request.getId(), propertiesOf(request.getProperties()));
      // An answer without an id means that the record is gone.
      if (!found) return new proto.ReadResponse();
      const { id, state } = found;
      const inputs = dnsRecord.inputsOf(state);
      return new proto.ReadResponse().setId(id).setProperties(structOf(state)).setInputs(structOf(inputs));
    }),

    update: answer(async (request: proto.UpdateRequest) => {
      const news = propertiesOf(request.getNews());
      const state = request.getPreview()
        ? dnsRecord.planned(news, propertiesOf(request.getOlds()))
        : await dnsRecord.update(api(), request.getId(), news);
      return new proto.UpdateResponse().setProperties(structOf(state));
    }),

    delete: answer(async (request: proto.DeleteRequest) => {
      await dnsRecord.remove(api(), request.getId(), propertiesOf(request.getProperties()));
      return new Empty();
    }),

    cancel: answer(async () => new Empty()),
  };
}

function answer<Request, Response>(handle: (request: Request) => Promise<Response>) {
  return (
    call: ServerUnaryCall<Request, Response>,
    callback: (error: Partial<ServiceError> | null, response?: Response) => void,
  ) => {
    handle(call.request).then(
      (response) => callback(null, response),
      (error: Error) => callback({ code: status.UNKNOWN, message: error.message, details: error.message }),
    );
  };
}

function requireDnsRecord(urn: string): void {
  // urn:pulumi:stack::project::parent type$type::name
  const type = urn.split("::")[2]?.split("$").at(-1);
  if (type !== dnsRecordType)
    throw new Error(`the stand-in for Cloudflare's plugin knows ${dnsRecordType}, not ${type}`);
}

function failure(property: string, reason: string): proto.CheckFailure {
  return new proto.CheckFailure().setProperty(property).setReason(reason);
}

function structOf(properties: Properties): Struct {
  return Struct.fromJavaScript(properties as Record<string, JavaScriptValue>);
}

function propertiesOf(struct: Struct | undefined): Properties {
  const properties: Properties = struct?.toJavaScript() ?? {};
  return Object.fromEntries(Object.entries(properties).map(([name, value]) => [name, plain(value)]));
}

/** Secrets arrive wrapped where the engine has no way to know that they are not wanted so. */
function plain(value: unknown): unknown {
  return typeof value === "object" && value !== null && secretMarker in value && "value" in value ? value.value : value;
}
