import { parseArgs } from "node:util";
import { type SimulatorOptions, startSimulator } from "../../simulator";

const help = `Usage: bimi simulate [options]

Runs CertCentral, Cloudflare's DNS-records API and an authoritative DNS server on loopback until Ctrl-C.

  --as PROFILE       "2026" (default): DigiCert as of today; "seed": as its older documentation says
  --switch NAME=VAL  one behaviour, over the profile's; repeatable
  --zone NAME=ID     a Cloudflare zone; repeatable. Default: example.com
  --state FILE       keep the state in a file, and go on from it
  --port N           port of CertCentral; --cloudflare-port N, --dns-port N. Default: free ones
  --help             this text
`;

/** `bimi simulate`: the servers in the foreground, and the environment that points a stack at them. */
export async function simulate(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      as: { type: "string" },
      switch: { type: "string", multiple: true, default: [] },
      zone: { type: "string", multiple: true, default: [] },
      state: { type: "string" },
      port: { type: "string" },
      "cloudflare-port": { type: "string" },
      "dns-port": { type: "string" },
      help: { type: "boolean", short: "h" },
    },
  });
  if (values.help) {
    console.log(help);
    return;
  }
  const zones = values.zone.length > 0 ? pairs(values.zone) : { "example.com": "0da42c8d2132a9ddaf714f9e7c920711" };
  const simulator = await startSimulator({
    profile: (values.as ?? "2026") as SimulatorOptions["profile"],
    switches: parsed(pairs(values.switch)) as SimulatorOptions["switches"],
    zones,
    stateFile: values.state,
    port: port(values.port),
    cloudflarePort: port(values["cloudflare-port"]),
    dnsPort: port(values["dns-port"]),
  });
  console.log(`export DIGICERT_BASE_URL=${simulator.baseUrl}
export DIGICERT_API_KEY=${simulator.apiKey}
export CLOUDFLARE_BASE_URL=${simulator.cloudflareUrl}
export CLOUDFLARE_API_TOKEN=${simulator.cloudflareToken}

# zones: ${JSON.stringify(zones)}
# organization: ${simulator.account.organizationId}
# DNS: dig @${simulator.dns.host} -p ${simulator.dns.port} example.com TXT
# control: curl -X POST ${simulator.controlUrl}/vet -d '{"orderId": 9000000000001}'; verbs at ${simulator.controlUrl}`);
  await new Promise<void>((resolve) => {
    process.once("SIGINT", resolve);
    process.once("SIGTERM", resolve);
  });
  await simulator.stop();
}

function pairs(given: string[]): Record<string, string> {
  return Object.fromEntries(
    given.map((pair) => {
      const at = pair.indexOf("=");
      if (at < 1) throw new Error(`"${pair}" must be NAME=VALUE.`);
      return [pair.slice(0, at), pair.slice(at + 1)];
    }),
  );
}

/** Switches have booleans, numbers and strings as values. */
function parsed(values: Record<string, string>): Record<string, unknown> {
  const value = (text: string) => (/^(true|false|\d+)$/.test(text) ? JSON.parse(text) : text);
  return Object.fromEntries(Object.entries(values).map(([name, text]) => [name, value(text)]));
}

function port(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const number = Number(text);
  if (!Number.isInteger(number) || number < 0 || number > 65535)
    throw new Error(`"${text}" is not a port: 0 to 65535.`);
  return number;
}
