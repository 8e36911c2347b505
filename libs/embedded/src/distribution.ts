import { existsSync, readFileSync } from "node:fs";
import { parseOsRelease } from "./apt-output.ts";

/** What must be known of a distribution to take one package from a newer suite of it. */
export interface Distribution {
  readonly name: string;
  readonly codename: string;
  readonly keyring: string;
  /** Suites that carry a new enough nats-server, the steadiest first. */
  readonly suites: readonly string[];
  /** nats-server lies in `main` in Debian and in `universe` in Ubuntu. */
  readonly component: string;
}

const known = [
  {
    id: "debian",
    name: "Debian",
    keyrings: ["debian-archive-keyring.gpg", "debian-archive-keyring.pgp"],
    suites: ["forky", "sid"],
    component: "main",
  },
  {
    id: "ubuntu",
    name: "Ubuntu",
    keyrings: ["ubuntu-archive-keyring.gpg"],
    suites: ["resolute", "devel"],
    component: "universe",
  },
] as const;

const readOsRelease = (): ReadonlyMap<string, string> => {
  const file = ["/etc/os-release", "/usr/lib/os-release"].find((path) => existsSync(path));
  return parseOsRelease(file === undefined ? "" : readFileSync(file, "utf8"));
};

/** The distribution this machine runs, or a reason why no package can be taken from it. */
export const findDistribution = (): Distribution | string => {
  const release = readOsRelease();
  const ids = [release.get("ID") ?? "", ...(release.get("ID_LIKE") ?? "").split(" ")];
  // A derivative lists its parents nearest first, and its mirror may carry the parent's suites.
  const found = ids.flatMap((id) => known.filter((distribution) => distribution.id === id))[0];
  if (found === undefined) return "this is neither Debian nor Ubuntu";
  const keyring = found.keyrings
    .map((file) => `/usr/share/keyrings/${file}`)
    .find((file) => existsSync(file));
  if (keyring === undefined) return `the keyring of ${found.name}'s archive is not on this machine`;
  const codename = release.get("VERSION_CODENAME") ?? "";
  return { name: found.name, codename, keyring, suites: found.suites, component: found.component };
};
