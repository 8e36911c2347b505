/** An archive that this machine's apt is set up with: `base` is what stands before `/dists/`. */
export interface AptArchive {
  readonly base: string;
  readonly suite: string;
}

/**
 * The archives named by `apt-get --print-uris update`, which prints a line such as
 * `'http://mirror.test/debian/dists/bookworm/InRelease' mirror.test_debian_dists_bookworm_InRelease 0` for each source.
 */
export const parseArchives = (printed: string): AptArchive[] => {
  const archives: AptArchive[] = [];
  for (const line of printed.split("\n")) {
    const match = /^'([^']+)\/dists\/([^']+)\/InRelease'/.exec(line);
    if (match?.[1] !== undefined && match[2] !== undefined)
      archives.push({ base: match[1], suite: match[2] });
  }
  return archives;
};

/**
 * The bases to ask for a newer suite, best first: the one this release comes from, then others that carry a plain
 * suite. Security and update archives (`bookworm-security`, `stable/updates`) hold no newer suites.
 */
export const basesToAsk = (archives: readonly AptArchive[], codename: string): string[] => {
  const own = archives.filter(({ suite }) => suite === codename);
  const plain = archives.filter(({ suite }) => suite !== codename && !/[-/]/.test(suite));
  return [...new Set([...own, ...plain].map(({ base }) => base))];
};

/** The version `apt-cache policy` would install; `undefined` when there is none. */
export const parseCandidate = (policy: string): string | undefined => {
  const version = /^\s*Candidate:\s*(\S+)/m.exec(policy)?.[1];
  return version === undefined || version === "(none)" ? undefined : version;
};

/** The fields of /etc/os-release (see os-release(5)): `NAME=value`, the value perhaps in quotes. */
export const parseOsRelease = (text: string): ReadonlyMap<string, string> => {
  const fields = new Map<string, string>();
  for (const line of text.split("\n")) {
    const match = /^([A-Z_0-9]+)=(["']?)(.*)\2$/.exec(line.trim());
    if (match?.[1] !== undefined) fields.set(match[1], match[3] ?? "");
  }
  return fields;
};
