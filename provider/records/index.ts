export * from "./bimi";
export * from "./dcv";
export * from "./dnsName";
export * from "./txt";
