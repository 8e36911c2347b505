import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { basesToAsk, parseArchives, parseCandidate } from "./apt-output.ts";
import { type CommandResult, lastWords, runCommand } from "./command.ts";
import { type Distribution, findDistribution } from "./distribution.ts";
import { findAllOnPath } from "./search-path.ts";

const networkTimeoutMs = 180_000;

/** A program as a distribution packs it. */
export interface PackedProgram {
  /** What the package is called. */
  readonly packageName: string;
  /** What the program is called that it holds. */
  readonly program: string;
  /** Why a version of the package is not worth a download, or `undefined` when it is. Default: any is. */
  readonly objectionTo?: (version: string) => string | undefined;
}

export interface PackageSearch {
  /** A folder of its own that the caller removes afterwards. */
  readonly work: string;
  /** Says on its PATH whether there is an apt. */
  readonly env: NodeJS.ProcessEnv;
  readonly onProgress: (text: string) => void;
  /** Judges an unpacked binary: a reason why it does not do, or `undefined` when it does. */
  readonly judge: (binary: string) => Promise<string | undefined>;
}

export interface PackageFound {
  readonly binary: string;
  readonly source: string;
}

/** One suite of one archive, with apt folders that belong to nobody else. */
interface PrivateApt {
  readonly folder: string;
  readonly suite: string;
  readonly options: readonly string[];
}

/** Which release this machine runs, and where its apt has it from. @throws Error that says why there is none */
export const findMirror = async (): Promise<{ readonly codename: string; readonly base: string }> => {
  const distribution = findDistribution();
  if (typeof distribution === "string") throw new Error(distribution);
  const { codename, name } = distribution;
  const [base] = await findBases(codename);
  if (base === undefined) throw new Error(`apt names no archive of ${name} ${codename}`);
  return { codename, base };
};

/** apt reads its own set-up, so every way of writing it down is understood; this asks nothing of the network. */
const findBases = async (codename: string): Promise<string[]> => {
  const printed = await runCommand("apt-get", [
    "-q",
    "--print-uris",
    "-o",
    "Debug::NoLocking=true",
    "update",
  ]);
  return basesToAsk(parseArchives(printed.stdout), codename);
};

const makePrivateApt = (
  work: string,
  base: string,
  suite: string,
  distribution: Distribution,
): PrivateApt => {
  const folder = join(work, `apt-${suite}`);
  for (const inner of ["etc", "lists/partial", "cache/archives/partial", "download"]) {
    mkdirSync(join(folder, inner), { recursive: true });
  }
  writeFileSync(join(folder, "status"), "");
  const source = [
    "Types: deb",
    `URIs: ${base}`,
    `Suites: ${suite}`,
    `Components: ${distribution.component}`,
    "Targets: Packages",
    `Signed-By: ${distribution.keyring}`,
  ];
  writeFileSync(join(folder, "etc", "one.sources"), `${source.join("\n")}\n`);
  const settings = [
    "Dir::Etc::sourcelist=/dev/null",
    `Dir::Etc::sourceparts=${folder}/etc`,
    "Dir::Etc::preferences=/dev/null",
    "Dir::Etc::preferencesparts=/dev/null",
    `Dir::State::lists=${folder}/lists`,
    `Dir::State::status=${folder}/status`,
    `Dir::Cache=${folder}/cache`,
    // apt would hand the download to an account that cannot see these folders.
    "APT::Sandbox::User=root",
    "APT::Get::List-Cleanup=false",
    "Acquire::Languages=none",
    "Acquire::Retries=2",
    "Acquire::AllowInsecureRepositories=false",
    "APT::Get::AllowUnauthenticated=false",
  ];
  return { folder, suite, options: ["-qq", ...settings.flatMap((setting) => ["-o", setting])] };
};

const runApt = (apt: PrivateApt, program: string, args: readonly string[]): Promise<CommandResult> =>
  runCommand(program, [...apt.options, ...args], {
    cwd: join(apt.folder, "download"),
    env: { ...process.env, LC_ALL: "C" },
    timeoutMs: networkTimeoutMs,
  });

/** Where packages keep programs; those of docker are plugins of it. */
const programFolder = /\/(s?bin|cli-plugins)$/;

const unpackedBinary = (folder: string, program: string): string | undefined =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name === program && programFolder.test(entry.parentPath))
    .map((entry) => join(entry.parentPath, entry.name))[0];

/** Returns the path of the binary, or throws an Error whose message says why this suite does not do. */
const takeFrom = async (apt: PrivateApt, packed: PackedProgram, search: PackageSearch): Promise<string> => {
  const { packageName, program, objectionTo } = packed;
  search.onProgress(`reading the package list of ${apt.suite}`);
  const updated = await runApt(apt, "apt-get", ["update"]);
  if (updated.code !== 0)
    throw new Error(`the package list did not come or its signature is wrong: ${lastWords(updated)}`);
  const version = parseCandidate((await runApt(apt, "apt-cache", ["policy", packageName])).stdout);
  if (version === undefined) throw new Error(`has no ${packageName}`);
  const refusal = objectionTo?.(version);
  if (refusal !== undefined) throw new Error(`has ${packageName} ${version}, ${refusal}`);
  search.onProgress(`downloading ${packageName} ${version} from ${apt.suite}`);
  const downloaded = await runApt(apt, "apt-get", ["download", `${packageName}=${version}`]);
  const file = readdirSync(join(apt.folder, "download")).find((name) => name.endsWith(".deb"));
  if (downloaded.code !== 0 || file === undefined)
    throw new Error(`the download failed: ${lastWords(downloaded)}`);
  const unpacked = join(apt.folder, "unpacked");
  const result = await runCommand("dpkg-deb", ["-x", join(apt.folder, "download", file), unpacked]);
  if (result.code !== 0) throw new Error(`the package does not unpack: ${lastWords(result)}`);
  const binary = unpackedBinary(unpacked, program);
  if (binary === undefined) throw new Error("the package holds no such program");
  const objection = await search.judge(binary);
  if (objection !== undefined) throw new Error(objection);
  return binary;
};

/**
 * Takes a program from a newer suite of the distribution's own archive, as this machine's apt is set up to reach
 * it. Signatures are checked against the distribution's keyring; nothing is installed and no root is needed.
 *
 * Returns the binary, or the reasons why there is none, one for each thing that was tried.
 */
export const takePackage = async (
  packed: PackedProgram,
  search: PackageSearch,
): Promise<PackageFound | readonly string[]> => {
  for (const program of ["apt-get", "apt-cache", "dpkg-deb"]) {
    if (findAllOnPath(program, search.env).length === 0)
      return [`packages: there is no ${program} on this machine`];
  }
  const distribution = findDistribution();
  if (typeof distribution === "string") return [`packages: ${distribution}`];
  const bases = await findBases(distribution.codename);
  if (bases.length === 0) return ["packages: apt is set up with no archive"];
  const reasons: string[] = [];
  for (const [place, base] of bases.entries()) {
    for (const suite of distribution.suites) {
      const apt = makePrivateApt(join(search.work, String(place)), base, suite, distribution);
      try {
        return { binary: await takeFrom(apt, packed, search), source: `${distribution.name} ${suite}` };
      } catch (error) {
        reasons.push(
          `${distribution.name} ${suite}: ${error instanceof Error ? error.message : String(error)}`,
        );
      }
    }
  }
  return reasons;
};
