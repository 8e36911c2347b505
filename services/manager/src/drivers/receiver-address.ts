import { isIP } from "node:net";
import { Fault, webhookUrlLengthMax } from "@tagwire/messages";
import { familyOf, isPublicAddress, listOf } from "./public-address.ts";

/*
 * Where webhooks may go. Whoever adds an endpoint chooses an address that this process then connects to, so without a check they
 * could reach what only this process can: itself, its neighbours, the cloud's metadata (server-side request forgery).
 */

/** Where clouds tell machines their secrets: never allowed, whatever the settings say. */
const metadata: readonly string[] = [
  ...["169.254.169.254", "169.254.170.2", "100.100.100.200", "168.63.129.16", "192.0.0.192"],
  ...["fd00:ec2::254", "fd20:ce::254"],
];

/** Ports of services that could take a POST for something of their own. */
const refusedPorts: ReadonlySet<number> = new Set([
  ...[1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 79, 87, 95, 101, 102, 103, 104],
  ...[
    109, 110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 445, 465, 512, 513, 514,
  ],
  ...[515, 526, 530, 531, 532, 540, 548, 554, 556, 563, 587, 601, 636, 873, 993, 995, 1433, 1521, 1719, 1720],
  ...[1723, 2049, 2375, 2376, 2379, 2380, 3306, 3389, 3659, 4045, 4190, 4222, 5060, 5061, 5084, 5432, 5900],
  ...[6000, 6222, 6379, 6443, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 8222, 9042, 9092, 9200, 9300],
  ...[10_250, 11_211, 27_017],
]);

const metadataList = listOf(metadata.map((address) => [address, isIP(address) === 6 ? 128 : 32]));

/** Networks outside the public internet to which webhooks may go all the same. */
export type PrivateNetworks = { readonly has: (address: string) => boolean; readonly isEmpty: boolean };

/**
 * Reads networks as CIDR with commas between; empty text is none.
 *
 * @throws RangeError, when one is not of that form.
 */
export const readNetworks = (text: string): PrivateNetworks => {
  const networks = text
    .split(",")
    .map((one) => one.trim())
    .filter((one) => one !== "")
    .map((one): [string, number] => {
      const [, address = "", prefix = ""] = /^([0-9a-fA-F.:]+)\/(\d{1,3})$/.exec(one) ?? [];
      const bits = isIP(address) === 6 ? 128 : 32;
      if (isIP(address) === 0 || Number(prefix) > bits) throw new RangeError("not a network in CIDR form");
      return [address, Number(prefix)];
    });
  const list = listOf(networks);
  return { has: (address) => list.check(address, familyOf(address)), isEmpty: networks.length === 0 };
};

const refused = (why: string): Fault => new Fault("webhook_url_refused", why);

/**
 * Checks an address before anything connects to it: public and by https, or in one of the allowed networks.
 *
 * @throws Fault `webhook_url_refused`
 */
export const checkAddress = (
  address: string,
  { protocol, networks }: { readonly protocol: string; readonly networks: PrivateNetworks },
): void => {
  if (isIP(address) === 0) throw refused("the host has no address that can be read");
  if (metadataList.check(address, familyOf(address))) throw refused("the host is a cloud's metadata");
  if (networks.has(address)) return;
  if (!isPublicAddress(address)) throw refused("the host is not on the public internet");
  if (protocol !== "https:") throw refused("a public host is spoken to by https");
};

/** The host of a URL as an address when it is one, however it was written: the parser has made it canonical. */
export const literalOf = (url: URL): string | undefined => {
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  return isIP(host) === 0 ? undefined : host;
};

/** Names that mean the machine itself and nothing else, wherever they are looked up (RFC 6761 §6.3). */
const isLocalhost = ({ hostname }: URL): boolean => /^(?:.*\.)?localhost\.?$/.test(hostname);
const loopback = ["127.0.0.1", "::1"];

/**
 * Reads the address of an endpoint as a person gave it. Any other name is looked up only when something is sent, because what it stands
 * for can change at any time.
 *
 * @throws Fault `webhook_url_refused`, saying why.
 */
export const readReceiverUrl = (text: string, networks: PrivateNetworks): URL => {
  if (text.length > webhookUrlLengthMax || !URL.canParse(text)) throw refused("it is not a URL");
  const url = new URL(text);
  const { protocol } = url;
  if (protocol !== "https:" && protocol !== "http:") throw refused("it is neither https nor http");
  if (url.username !== "" || url.password !== "") throw refused("it names a user");
  if (url.hostname === "" || url.hostname === ".") throw refused("it names no host");
  if (url.port !== "" && refusedPorts.has(Number(url.port)))
    throw refused(`port ${url.port} belongs to another protocol`);
  if (url.port === "0") throw refused("nothing listens on port 0");
  if (protocol === "http:" && networks.isEmpty) throw refused("a public host is spoken to by https");
  const literal = literalOf(url);
  if (literal !== undefined) checkAddress(literal, { protocol, networks });
  if (isLocalhost(url) && !loopback.some(networks.has))
    throw refused("the host is not on the public internet");
  url.hash = "";
  return url;
};
