import type { HouseRule } from "./house-rules.ts";

/** Hosts of standards, licences, sources that are cited, and the pinned release. */
const citedHosts = new Set([
  ...[
    "www.w3.org",
    "id.gs1.org",
    "ref.gs1.org",
    "www.apache.org",
    "json-schema.org",
    "www.isthe.com",
    "www.postgresql.org",
  ],
  // The last is where the operator of the database has its images.
  ...["github.com", "nats.io", "ghcr.io"],
]);

/** Groups of kinds and labels in a cluster look like hosts, and are names that nobody is asked for. */
const isClusterName = (host: string): boolean =>
  /(^|\.)(k8s\.io|kubernetes\.io|cnpg\.io|keda\.sh)$/.test(host);

/** Names and numbers that standards keep for examples (RFC 2606, RFC 6761, RFC 5737, RFC 3849), and this machine itself. */
const isOfNobody = (host: string): boolean =>
  /^(localhost|([a-z0-9-]+\.)*example\.(com|org|net)|([a-z0-9-]+\.)+(example|invalid|test|localhost))$/.test(
    host,
  ) ||
  /^(127\.\d+\.\d+\.\d+|0\.0\.0\.0|192\.0\.2\.\d+|198\.51\.100\.\d+|203\.0\.113\.\d+)$/.test(host) ||
  /^\[(::1|::|2001:db8:[0-9a-f:]*)\]$/.test(host);

/** One word is the name of a neighbour, as in a compose file or a cluster; it leads nowhere from elsewhere. */
const isNeighbour = (host: string): boolean =>
  /^[a-z0-9_-]+(\.[a-z0-9-]+){0,2}\.svc(\.cluster\.local)?$|^[a-z0-9_-]*[a-z_-][a-z0-9_-]*$/.test(host);

/** A socket's path in the place of a host. */
const isPath = (host: string): boolean => host.startsWith("%2f");

const isKnown = (host: string): boolean =>
  host === "" ||
  isPath(host) ||
  host.includes("$") ||
  citedHosts.has(host) ||
  isClusterName(host) ||
  isOfNobody(host) ||
  isNeighbour(host);

/** `user:secret@host:port` → `host`. */
const hostOf = (authority: string): string => {
  const address = authority.slice(authority.lastIndexOf("@") + 1).toLowerCase();
  return /^\[[^\]]*\]/.exec(address)?.[0] ?? address.replace(/:.*$/, "").replace(/\.$/, "");
};

const urls = /\b[a-z][a-z0-9+.-]*:\/\/([^\s"'`<>)\\/,]+)/gi;
/** A host without a scheme: names that end as public or company networks' do. */
const bareHosts =
  /(?<![\w@$.-])(?:[a-z0-9-]+\.)+(?:com|org|net|io|dev|app|cloud|co|corp|lan)(?![\w-]|\.\w|\()|(?<![\w@$.-])(?:[a-z0-9-]+\.){2,}(?:internal|intranet|local|home)(?![\w-]|\.\w|\()/g;

const noHostIsNamed: HouseRule = ({ files }) =>
  files
    .filter(({ path }) => path !== "package-lock.json")
    .flatMap(({ path, text }) => {
      const named = [...text.matchAll(urls)].map((match) => hostOf(match[1] ?? ""));
      const bare = text.replaceAll(urls, " ").match(bareHosts) ?? [];
      return [...named, ...bare].filter((host) => !isKnown(host)).map((host) => `${path}: ${host}`);
    });

const theLockNamesNoRegistry: HouseRule = ({ files }) =>
  files
    .filter(({ path, text }) => path === "package-lock.json" && /"resolved":\s*"[a-z+]+:\/\//.test(text))
    .map(({ path }) => `${path}: names where packages came from`);

const versionsAreExact: HouseRule = ({ manifests }) =>
  manifests.flatMap(({ path, dependencies, devDependencies, optionalDependencies }) =>
    Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies })
      .filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))
      .map(([name, version]) => `${path}: ${name}@${version}`),
  );

/** The project speaks of itself alone. */
export const selfRules = {
  "no host is named but those of standards, licences and the pinned release": noHostIsNamed,
  "the lock file names no registry": theLockNamesNoRegistry,
  "versions are exact": versionsAreExact,
} as const satisfies Record<string, HouseRule>;
