/**
 * Stands in for Cloudflare's Pulumi plugin where that cannot be downloaded: `DnsRecord` only, with the calls that the
 * real one makes. The engine starts it as `pulumi-resource-cloudflare` and reads the port from its first line.
 */
import { Server, ServerCredentials } from "@grpc/grpc-js";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import { createProvider } from "./provider";

const server = new Server({ "grpc.max_receive_message_length": -1 });
server.addService(ResourceProviderService, createProvider());
server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  console.log(port);
});

// An engine that was killed tells nobody; its children are then someone else's.
const engine = process.ppid;
setInterval(() => {
  if (process.ppid !== engine) process.exit();
}, 500).unref();
