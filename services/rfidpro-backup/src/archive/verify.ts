import { createHash } from "node:crypto";
import type { ArchiveFault, ArchiveHead } from "./fault.ts";
import {
  archiveTop,
  folderOf,
  type Manifest,
  manifestName,
  openManifest,
  openTombstone,
  sha256Of,
  tombstoneName,
} from "./manifest.ts";
import type { ReadArchive } from "./place.ts";
import { publicKeyName } from "./public-key.ts";
import { areSameKeys, isAsWritten, type PublicKeys, readPublicKeys } from "./signing-key.ts";
import { type FoundManifest, verifyChain } from "./verify-chain.ts";
import { type SeenFile, verifyFiles } from "./verify-files.ts";

/** With what an archive is compared that somebody keeps outside of it. */
export type ArchiveProof = {
  /** Without it the key beside the archive is believed, which whoever made a whole archive anew has made anew, too. */
  readonly publicKey?: string | undefined;
  /** Without them nobody can say whether the newest runs are there. */
  readonly expectedHeads?: readonly ArchiveHead[] | undefined;
  /** Whether a run's manifest is yet to come: it goes on, or its manifest could not be laid there so far. Without it none is. */
  readonly isUnderWay?: ((run: string) => Promise<boolean>) | undefined;
};

export type ArchiveReport = {
  readonly manifests: number;
  readonly files: number;
  readonly faults: readonly ArchiveFault[];
};

/** A manifest is far smaller; whoever put more there did not write one. */
const sealBytesMax = 16 * 1024 * 1024;

const runFolder = new RegExp(`^${archiveTop}/([a-z0-9-]{1,32})/\\d{4}/\\d\\d/\\d\\d/[0-9a-fA-F-]{36}$`);
const siteOf = (folder: string): string | undefined => runFolder.exec(folder)?.[1];
const parentOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf("/")));

const sumOf = async (place: ReadArchive, path: string): Promise<string> => {
  const hash = createHash("sha256");
  for await (const chunk of place.read(path)) hash.update(chunk as Buffer);
  return hash.digest("hex");
};

/** A file's text; none of what the archive holds as text is empty, which is what bytes come to that are no text. */
const textOf = async (place: ReadArchive, path: string): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of place.read(path)) chunks.push(chunk as Buffer);
  const bytes = Buffer.concat(chunks);
  const text = bytes.toString();
  return Buffer.from(text).equals(bytes) ? text : "";
};

/** The keys that are believed, and what is wrong with the copy of them beside the archive. */
const keysOf = async (
  place: ReadArchive,
  { publicKey }: ArchiveProof,
  isBeside: boolean,
): Promise<{ readonly keys: PublicKeys; readonly faults: readonly ArchiveFault[] }> => {
  const given = publicKey === undefined ? undefined : readPublicKeys(publicKey);
  const fault = (code: ArchiveFault["code"], detail: string) => ({
    keys: given ?? new Map(),
    faults: [{ code, path: publicKeyName, detail }],
  });
  if (!isBeside) return fault("missing", "the public key is not beside the archive");
  try {
    const text = await textOf(place, publicKeyName);
    const beside = readPublicKeys(text);
    if (given === undefined)
      return isAsWritten(text)
        ? { keys: beside, faults: [] }
        : { ...fault("changed", "it is not as it was written"), keys: beside };
    if (publicKey !== undefined && areSameKeys(publicKey, text)) return { keys: given, faults: [] };
    return fault("changed", "it is another key than the one that is known");
  } catch {
    return fault("changed", "it is no public key");
  }
};

type Folder = {
  readonly folder: string;
  readonly files: readonly SeenFile[];
  readonly found?: FoundManifest;
  readonly isLetGo: boolean;
};

const noFolder: ArchiveFault["detail"] = "nothing of the archive is kept at such a place";

type Opening = {
  readonly place: ReadArchive;
  readonly keys: PublicKeys;
  readonly isUnderWay: ArchiveProof["isUnderWay"];
};

/** What the seals of a folder say: its manifest, and whether its files were let go. */
const openFolderOf = async (
  { place, keys, isUnderWay }: Opening,
  { folder, files }: { readonly folder: string; readonly files: readonly SeenFile[] },
): Promise<Folder & { readonly faults: readonly ArchiveFault[] }> => {
  const sealAt = (name: string) => files.find(({ path }) => path === `${folder}/${name}`);
  const none = { folder, files, isLetGo: false };
  const seal = sealAt(manifestName);
  const fault = (code: ArchiveFault["code"], path: string, detail: string) => ({ code, path, detail });
  if (seal === undefined) {
    if ((await isUnderWay?.(folder.slice(folder.lastIndexOf("/") + 1))) === true)
      return { ...none, faults: [] };
    const path = `${folder}/${manifestName}`;
    const detail = "its folder has files and no manifest: it was taken away, or the pull was cut off";
    return { ...none, faults: [fault("missing", path, detail)] };
  }
  if (seal.bytes > sealBytesMax)
    return { ...none, faults: [fault("changed", seal.path, "it is much too large")] };
  const text = await textOf(place, seal.path);
  const manifest = openManifest(text, keys);
  if (typeof manifest === "string") return { ...none, faults: [fault("changed", seal.path, manifest)] };
  const found = { folder, home: folderOf(manifest), manifest, sha256: sha256Of(text) };
  if (found.home !== folder) {
    const detail = `it belongs into ${found.home}`;
    return { ...none, found, faults: [fault("reordered", seal.path, detail)] };
  }
  const stone = sealAt(tombstoneName);
  if (stone === undefined) return { ...none, found, faults: [] };
  const said =
    stone.bytes > sealBytesMax
      ? "it is much too large"
      : openTombstone(await textOf(place, stone.path), keys);
  if (typeof said === "string") return { ...none, found, faults: [fault("changed", stone.path, said)] };
  if (said.manifest !== found.sha256)
    return { ...none, found, faults: [fault("reordered", stone.path, "it is of another run")] };
  return { ...none, found, isLetGo: true, faults: [] };
};

/** Which file each content belongs into, over the whole archive. */
const ownersOf = (manifests: readonly FoundManifest[]): ReadonlyMap<string, string> =>
  new Map(
    manifests.flatMap(({ home, manifest }) =>
      manifest.files.map(({ name, sha256 }): [string, string] => [sha256, `${home}/${name}`]),
    ),
  );

const chainFaults = (
  folders: readonly Folder[],
  expectedHeads: readonly ArchiveHead[] | undefined,
): ArchiveFault[] => {
  const sites = new Set([
    ...folders.flatMap(({ folder, found }) => found?.manifest.site ?? siteOf(folder) ?? []),
    ...(expectedHeads ?? []).map(({ site }) => site),
  ]);
  return [...sites].flatMap((site) => {
    const found = folders.flatMap(({ found: one }) => (one?.manifest.site === site ? [one] : []));
    const unreadable = folders.filter(
      ({ folder, found: one, files }) =>
        one === undefined && siteOf(folder) === site && files.some(({ path }) => path.endsWith(manifestName)),
    ).length;
    const expected = expectedHeads?.find((head) => head.site === site);
    return verifyChain(site, found, { unreadable, expected });
  });
};

/**
 * Reads every byte of an archive, and tells everything that is not as it was archived: see {@link ArchiveFault}. What was let go
 * because it was old enough has a tombstone and is no fault.
 */
export const verifyArchive = async (place: ReadArchive, proof: ArchiveProof = {}): Promise<ArchiveReport> => {
  const faults: ArchiveFault[] = [];
  const inFolders = new Map<string, SeenFile[]>();
  let isBeside = false;
  let files = 0;
  for await (const seen of place.list()) {
    files += 1;
    const folder = parentOf(seen.path);
    if (!seen.isPlain)
      faults.push({ code: "added", path: seen.path, detail: "it is no file, but leads elsewhere" });
    else if (seen.path === publicKeyName) isBeside = true;
    else if (siteOf(folder) === undefined) faults.push({ code: "added", path: seen.path, detail: noFolder });
    else inFolders.set(folder, [...(inFolders.get(folder) ?? []), seen]);
  }
  const known = await keysOf(place, proof, isBeside);
  faults.push(...known.faults);
  const folders: Folder[] = [];
  const opening = { place, keys: known.keys, isUnderWay: proof.isUnderWay };
  for (const [folder, own] of inFolders) {
    const { faults: more, ...opened } = await openFolderOf(opening, { folder, files: own });
    folders.push(opened);
    faults.push(...more);
  }
  const manifests = folders.flatMap(({ found }) => found ?? []);
  const owners = ownersOf(manifests);
  const sizes = new Set(manifests.flatMap(({ manifest }) => manifest.files.map(({ bytes }) => bytes)));
  for (const { folder, files: own, found, isLetGo } of folders) {
    if (found === undefined || found.home !== folder) continue;
    const { files: listed }: Manifest = found.manifest;
    const sum = (path: string) => sumOf(place, path);
    const ownerOf = (sha256: string) => owners.get(sha256);
    const isSizeOfAny = (bytes: number) => sizes.has(bytes);
    faults.push(...(await verifyFiles({ folder, files: own, listed, isLetGo, sum, ownerOf, isSizeOfAny })));
  }
  faults.push(...chainFaults(folders, proof.expectedHeads));
  return { manifests: manifests.length, files, faults };
};
