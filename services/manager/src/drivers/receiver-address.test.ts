import { Fault } from "@tagwire/messages";
import { expect, test } from "vitest";
import { checkAddress, readNetworks, readReceiverUrl } from "./receiver-address.ts";

const none = readNetworks("");
const lan = readNetworks("192.168.10.0/24, 127.0.0.1/32, fd00:abcd::/32");

const why = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    if (error instanceof Fault && error.code === "webhook_url_refused") return error.detail;
    throw error;
  }
  return "allowed";
};

/** Many spellings of hosts that only this machine or its neighbours have. */
const inside: readonly string[] = [
  ...[
    "127.0.0.1",
    "127.1",
    "127.0.1",
    "127.255.255.254",
    "0",
    "0.0.0.0",
    "0x7f000001",
    "0x7f.1",
    "2130706433",
  ],
  ...[
    "017700000001",
    "0177.0.0.1",
    "0177.0x0.1",
    "127.0.0.1.",
    "１２７.０.０.１",
    "127。0。0。1",
    "%31%32%37.0.0.1",
  ],
  ...["10.0.0.1", "10.255.255.255", "0xa000001", "167772161", "012.0.0.1", "172.16.0.1", "172.31.255.255"],
  ...["192.168.0.1", "192.168.1", "0xc0a80001", "3232235521", "100.64.0.1", "100.127.255.255", "198.18.0.1"],
  ...["198.19.255.255", "192.0.0.8", "192.0.2.1", "198.51.100.7", "203.0.113.9", "192.88.99.1", "224.0.0.1"],
  ...["239.255.255.255", "240.0.0.1", "255.255.255.255", "4294967295", "169.254.169.254", "0xa9fea9fe"],
  ...["2852039166", "169.254.1", "0251.0376.0251.0376", "169.254.170.2", "100.100.100.200", "168.63.129.16"],
  ...["[::]", "[::1]", "[0:0:0:0:0:0:0:1]", "[0000::0001]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]"],
  ...[
    "[::ffff:0:127.0.0.1]",
    "[::127.0.0.1]",
    "[::ffff:10.0.0.1]",
    "[::ffff:169.254.169.254]",
    "[::ffff:8.8.8.8]",
  ],
  ...["[64:ff9b::7f00:1]", "[64:ff9b::10.0.0.1]", "[64:ff9b::8.8.8.8]", "[64:ff9b:1::1]", "[100::1]"],
  ...["[2001::1]", "[2001:0:7f00:1::]", "[2001:db8::1]", "[2002:7f00:1::1]", "[2002:a00:1::]", "[3fff::1]"],
  ...[
    "[fc00::1]",
    "[fd00::1]",
    "[fd00:ec2::254]",
    "[fe80::1]",
    "[febf::1]",
    "[fec0::1]",
    "[ff02::1]",
    "[ff0e::1]",
  ],
];

test.each(inside)("%s is refused, by https and by http", (host) => {
  for (const protocol of ["https", "http"])
    for (const port of ["", ":8443"])
      expect(why(() => readReceiverUrl(`${protocol}://${host}${port}/hook`, none))).not.toBe("allowed");
});

const outside: readonly string[] = [
  ...["8.8.8.8", "1.1.1.1", "9.255.255.255", "11.0.0.1", "100.63.255.255", "100.128.0.1", "126.255.255.255"],
  ...[
    "128.0.0.1",
    "172.15.255.255",
    "172.32.0.1",
    "192.167.255.255",
    "192.169.0.1",
    "198.17.255.255",
    "223.255.255.255",
  ],
  ...["[2606:4700:4700::1111]", "[2a00:1450:4001::1]", "[2001:4860:4860::8888]", "[2003::1]"],
];

test.each(outside)("%s is public: allowed by https alone", (host) => {
  expect(why(() => readReceiverUrl(`https://${host}/hook`, none))).toBe("allowed");
  expect(why(() => readReceiverUrl(`https://${host}/hook`, lan))).toBe("allowed");
  expect(why(() => readReceiverUrl(`http://${host}/hook`, none))).toContain("https");
  expect(why(() => readReceiverUrl(`http://${host}/hook`, lan))).toContain("https");
});

const scheme = (name: string, rest: string) => `${name}:${rest}`;
test.each([
  { what: "no URL", url: "hook", is: "it is not a URL" },
  { what: "nothing", url: "", is: "it is not a URL" },
  { what: "a zone in an address", url: scheme("https", "//[fe80::1%25eth0]/"), is: "it is not a URL" },
  { what: "a number that is no address", url: scheme("https", "//256.256.256.256/"), is: "it is not a URL" },
  { what: "a number too many", url: scheme("https", "//4294967296/"), is: "it is not a URL" },
  { what: "too long a text", url: `https://a.example/${"x".repeat(2_000)}`, is: "it is not a URL" },
  { what: "a file", url: scheme("file", "///etc/passwd"), is: "neither https nor http" },
  { what: "gopher", url: scheme("gopher", "//a.example/"), is: "neither https nor http" },
  { what: "a script", url: scheme("javascript", "alert(1)"), is: "neither https nor http" },
  { what: "data", url: scheme("data", "text/plain,x"), is: "neither https nor http" },
  { what: "a user", url: "https://me@a.example/", is: "it names a user" },
  { what: "a secret", url: "https://me:secret@a.example/", is: "it names a user" },
  { what: "a user that looks like a host", url: `https://a.example@${"127.0.0.1"}/`, is: "it names a user" },
  { what: "only a password", url: "https://:x@a.example/", is: "it names a user" },
  { what: "plain http", url: "http://a.example/", is: "https" },
  { what: "port 0", url: "https://a.example:0/", is: "port 0" },
  ...[22, 25, 53, 2375, 3306, 4222, 5432, 6379, 6667, 11_211].map((port) => ({
    what: `port ${port}`,
    url: `https://a.example:${port}/`,
    is: `port ${port}`,
  })),
])("$what is refused", ({ url, is }) => {
  expect(why(() => readReceiverUrl(url, none))).toContain(is);
});

test.each([
  "https://a.example/hook?x=1",
  "https://a.example:8443/",
  "HTTPS://A.EXAMPLE/",
  "https://a.example./",
])("%s is allowed; whether its name leads outside is looked at when something is sent", (url) => {
  expect(why(() => readReceiverUrl(url, none))).toBe("allowed");
});

test("networks that the settings allow are allowed, by http too; what lies beside them is not", () => {
  for (const host of ["192.168.10.7", "127.0.0.1", "[fd00:abcd::5]", "0x7f000001"])
    expect(why(() => readReceiverUrl(`http://${host}:9000/`, lan))).toBe("allowed");
  for (const host of ["192.168.11.7", "127.0.0.2", "[fd00:abce::5]", "10.0.0.1"])
    expect(why(() => readReceiverUrl(`http://${host}:9000/`, lan))).toContain("public internet");
  const everything = readNetworks("0.0.0.0/0,::/0");
  for (const host of ["169.254.169.254", "[fd00:ec2::254]", "100.100.100.200", "[::ffff:169.254.169.254]"])
    expect(why(() => readReceiverUrl(`http://${host}/`, everything))).toContain("metadata");
});

test("names of the machine itself are refused as its addresses are", () => {
  for (const host of ["localhost", "localhost.", "LOCALHOST:8443", "a.localhost", "a.b.localhost."]) {
    expect(
      why(() => readReceiverUrl(`https://${host}/hook`, none)),
      host,
    ).toContain("public internet");
    expect(
      why(() => readReceiverUrl(`http://${host}/hook`, lan)),
      host,
    ).toBe("allowed");
  }
  expect(why(() => readReceiverUrl("https://localhost.example/hook", none))).toBe("allowed");
});

test("what a look-up gives is checked like what is written", () => {
  for (const address of ["127.0.0.1", "::ffff:127.0.0.1", "fe80::1%lo", "not an address", ""])
    expect(why(() => checkAddress(address, { protocol: "https:", networks: none }))).not.toBe("allowed");
  expect(why(() => checkAddress("8.8.8.8", { protocol: "https:", networks: none }))).toBe("allowed");
});

test.each(["10.0.0.0", "10.0.0.0/33", "::/129", "host/8", "10.0.0.0/x", "10.0.0.0/8/8"])(
  "%s is no network",
  (text) => {
    expect(() => readNetworks(text)).toThrow(RangeError);
  },
);
