import { BlockList, isIP } from "node:net";

/** Networks that are not the public IPv4 internet, from the IANA registry of special-purpose addresses, and multicast. */
const notPublic4: readonly (readonly [string, number])[] = [
  ["0.0.0.0", 8], // this network
  ["10.0.0.0", 8], // private
  ["100.64.0.0", 10], // behind a carrier's NAT
  ["127.0.0.0", 8], // loopback
  ["169.254.0.0", 16], // link-local, and the metadata of most clouds
  ["172.16.0.0", 12], // private
  ["192.0.0.0", 24], // protocol assignments
  ["192.0.2.0", 24], // documentation
  ["192.88.99.0", 24], // relays of 6to4
  ["192.168.0.0", 16], // private
  ["198.18.0.0", 15], // benchmarks
  ["198.51.100.0", 24], // documentation
  ["203.0.113.0", 24], // documentation
  ["224.0.0.0", 4], // multicast
  ["240.0.0.0", 4], // reserved, and broadcast
];

/** IPv6 is public in 2000::/3 alone. Mapped addresses, NAT64, unique local, link-local and multicast ones lie outside. */
const public6 = ["2000::", 3] as const;
const notPublic6: readonly (readonly [string, number])[] = [
  ["2001::", 23], // protocol assignments, with Teredo, which carries an IPv4 address
  ["2001:db8::", 32], // documentation
  ["2002::", 16], // 6to4, which carries an IPv4 address
  ["3fff::", 20], // documentation
];

export const familyOf = (address: string): "ipv4" | "ipv6" => (isIP(address) === 6 ? "ipv6" : "ipv4");

/** Networks, as something that addresses can be looked up in. */
export const listOf = (networks: readonly (readonly [string, number])[]): BlockList => {
  const list = new BlockList();
  for (const [address, prefix] of networks) list.addSubnet(address, prefix, familyOf(address));
  return list;
};

const blocked4 = listOf(notPublic4);
const blocked6 = listOf(notPublic6);
const global6 = listOf([public6]);

/** Whether an address is of the public internet. What is no address at all is not. */
export const isPublicAddress = (address: string): boolean =>
  isIP(address) !== 0 &&
  (familyOf(address) === "ipv4"
    ? !blocked4.check(address, "ipv4")
    : global6.check(address, "ipv6") && !blocked6.check(address, "ipv6"));
