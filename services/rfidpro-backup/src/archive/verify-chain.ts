import type { ArchiveFault, ArchiveHead } from "./fault.ts";
import { archiveTop, type Manifest, manifestName } from "./manifest.ts";

/** A manifest that is to be believed, where it was found, and its SHA-256. */
export type FoundManifest = {
  readonly folder: string;
  readonly home: string;
  readonly manifest: Manifest;
  readonly sha256: string;
};

/** Each number of a site once: of several that stand for one, that which is where it belongs. */
const byNumber = (found: readonly FoundManifest[]): ReadonlyMap<number, FoundManifest> => {
  const chosen = new Map<number, FoundManifest>();
  for (const one of found) {
    const { number } = one.manifest;
    if (!chosen.has(number) || one.folder === one.home) chosen.set(number, one);
  }
  return chosen;
};

/** Two that are where they belong and have one number: the site has two pasts. */
const forks = (found: readonly FoundManifest[]): ArchiveFault[] =>
  [...Map.groupBy(found, ({ manifest }) => manifest.number).values()].flatMap((same) => {
    const home = same.filter(({ folder, home }) => folder === home);
    return home.slice(1).map(
      ({ folder, manifest }): ArchiveFault => ({
        code: "reordered",
        path: `${folder}/${manifestName}`,
        detail: `there are two manifests with the number ${manifest.number}`,
      }),
    );
  });

const headFaults = (
  expected: ArchiveHead,
  chain: ReadonlyMap<number, FoundManifest>,
  unreadable: number,
): ArchiveFault[] => {
  const path = `${archiveTop}/${expected.site}`;
  const newest = Math.max(0, ...chain.keys());
  const held = chain.get(expected.number);
  if (held !== undefined && held.sha256 === expected.manifest) return [];
  if (held !== undefined)
    return [
      {
        code: "rolled_back",
        path: `${held.folder}/${manifestName}`,
        detail: `manifest ${expected.number} is another one than the service wrote`,
      },
    ];
  // It may be there and not to be read, which is said of it.
  if (unreadable > 0 && newest === expected.number - 1) return [];
  return [
    {
      code: "rolled_back",
      path,
      detail: `the newest manifest is number ${newest}, and the service wrote ${expected.number}`,
    },
  ];
};

/**
 * What does not follow in the manifests of a site. `unreadable` says how many there are besides that are not to be believed: they are
 * told of already, and what they would be is not missing as well.
 */
export const verifyChain = (
  site: string,
  found: readonly FoundManifest[],
  { unreadable, expected }: { readonly unreadable: number; readonly expected: ArchiveHead | undefined },
): ArchiveFault[] => {
  const chain = byNumber(found);
  const newest = Math.max(0, ...chain.keys());
  const gaps = Array.from({ length: newest }, (_, index) => index + 1).filter((number) => !chain.has(number));
  const missing = gaps.length <= unreadable ? [] : gaps;
  const broken = [...chain.values()].filter(({ manifest }) => {
    const before = chain.get(manifest.number - 1);
    if (manifest.number === 1) return manifest.previous !== null;
    return before !== undefined && before.sha256 !== manifest.previous;
  });
  return [
    ...missing.map(
      (number): ArchiveFault => ({
        code: "missing",
        path: `${archiveTop}/${site}`,
        detail: `manifest ${number} of ${newest} is not there`,
      }),
    ),
    ...broken.map(
      ({ folder, manifest }): ArchiveFault => ({
        code: "changed",
        path: `${folder}/${manifestName}`,
        detail: `it does not follow manifest ${manifest.number - 1}`,
      }),
    ),
    ...forks(found),
    ...(expected === undefined ? [] : headFaults(expected, chain, unreadable)),
  ];
};
