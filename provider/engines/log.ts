import type { Log } from "../context";

/** Lines of the provider process for the user, on the row of the resource whose URN is given. */
export function engineLog(): Log & { flush(): Promise<void> } {
  const send = engineSender();
  let pending: Promise<void>[] = [];
  const write = (severity: "info" | "warn") => (message: string, urn?: string) => {
    if (send) pending.push(send(severity, message, urn ?? ""));
    else console[severity](message);
  };
  return {
    info: write("info"),
    warn: write("warn"),
    async flush() {
      const sent = pending;
      pending = [];
      await Promise.all(sent);
    },
  };
}

type Send = (severity: "info" | "warn", message: string, urn: string) => Promise<void>;

/** The engine's address is an argument of Pulumi's provider process; elsewhere there is no engine. */
function engineSender(): Send | undefined {
  const address = process.argv[2];
  if (!/dynamic-provider/.test(process.argv[1] ?? "") || !address?.includes(":")) return undefined;
  const grpc = require("@grpc/grpc-js");
  const { EngineClient } = require("@pulumi/pulumi/proto/engine_grpc_pb");
  const { LogRequest, LogSeverity } = require("@pulumi/pulumi/proto/engine_pb");
  const client = new EngineClient(address, grpc.credentials.createInsecure());
  return (severity, message, urn) =>
    new Promise((resolve) => {
      const request = new LogRequest();
      request.setSeverity(severity === "warn" ? LogSeverity.WARNING : LogSeverity.INFO);
      request.setMessage(message);
      request.setUrn(urn);
      // A line that cannot be delivered is no reason to fail.
      client.log(request, { deadline: Date.now() + 5000 }, () => resolve());
    });
}
