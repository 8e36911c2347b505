import { createHash } from "node:crypto";
import { canonicalJson } from "@tagwire/digest";
import {
  ClientId,
  Instant,
  pullVerdicts,
  rfidproDatasets,
  rfidproRunStates,
  SiteId,
} from "@tagwire/messages";
import Type, { type Static, type TSchema } from "typebox";
import { Compile } from "typebox/compile";
import { hasSigned, type PublicKeys, type SigningKey } from "./signing-key.ts";

const nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);
const Sha256 = Type.String({ pattern: "^[0-9a-f]{64}$" });
const signed = { key: Type.String(), signature: Type.String() };

export const ManifestFile = Type.Object({
  name: Type.String({ pattern: "^[a-z]+-(raw|rows)-[0-9]{5}\\.ndjson\\.gz$" }),
  records: Type.Integer(),
  bytes: Type.Integer(),
  sha256: Sha256,
});
export type ManifestFile = Static<typeof ManifestFile>;

export const ManifestDataset = Type.Object({
  dataset: Type.Enum(rfidproDatasets),
  /** As RFIDpro names it. */
  id: Type.String(),
  /** In RFIDpro's time; `since` is null where everything was asked for. */
  window: Type.Object({ since: nullable(Type.String()), until: Type.String() }),
  capability: nullable(
    Type.Object({ filter: Type.Boolean(), sort: Type.Boolean(), rowsMax: Type.Integer() }),
  ),
  verdict: Type.Enum(pullVerdicts),
  why: nullable(Type.String()),
  rows: Type.Integer(),
  total: nullable(Type.Integer()),
  pages: Type.Integer(),
  requests: Type.Integer(),
  passes: Type.Integer(),
  /** Of the text of each page, in the order in which they were read, all passes. */
  pageSha256: Type.Array(Sha256),
});
export type ManifestDataset = Static<typeof ManifestDataset>;

/** What a run brought, and under which circumstances: the last file of a run, and its seal. */
export const Manifest = Type.Object(
  {
    format: Type.Literal("tagwire.rfidpro-archive.v1"),
    site: SiteId,
    /** 1, 2, 3 … of the site. */
    number: Type.Integer({ minimum: 1 }),
    /** SHA-256 of the manifest before it, in hex; null for the first. */
    previous: nullable(Sha256),
    run: ClientId,
    by: Type.String(),
    how: Type.Enum(["manual", "scheduled"] as const),
    tool: Type.String(),
    /** Where it was read. */
    source: Type.String(),
    timeZone: Type.String(),
    startedAt: Instant,
    endedAt: Instant,
    state: Type.Enum(rfidproRunStates),
    verdict: Type.Enum(pullVerdicts),
    why: Type.String(),
    datasets: Type.Array(ManifestDataset),
    files: Type.Array(ManifestFile),
    ...signed,
  },
  { additionalProperties: false },
);
export type Manifest = Static<typeof Manifest>;

/** What stands for files that were let go because they were old enough. Their manifest stays. */
export const Tombstone = Type.Object(
  {
    format: Type.Literal("tagwire.rfidpro-tombstone.v1"),
    site: SiteId,
    run: ClientId,
    /** SHA-256 of the manifest that it belongs to. */
    manifest: Sha256,
    removedAt: Instant,
    keptDays: Type.Integer(),
    ...signed,
  },
  { additionalProperties: false },
);
export type Tombstone = Static<typeof Tombstone>;

export const manifestName = "manifest.json";
export const tombstoneName = "tombstone.json";
/** Everything but the public keys is below. */
export const archiveTop = "rfidpro";

export const sha256Of = (text: string): string => createHash("sha256").update(text).digest("hex");

/** The folder of a run, by the day in UTC on which it began. */
export const folderOf = ({ site, startedAt, run }: Pick<Manifest, "site" | "startedAt" | "run">): string => {
  const [year, month, day] = new Date(startedAt).toISOString().slice(0, 10).split("-");
  return [archiveTop, site, year, month, day, run].join("/");
};

type Signed = { readonly key: string; readonly signature: string };

/** The text of a file that a key has signed: one spelling for each content, so that not one character of it can be another. */
const sealed = (body: Readonly<Record<string, unknown>>, key: SigningKey): string => {
  const named = { ...body, key: key.id };
  return `${canonicalJson({ ...named, signature: key.sign(canonicalJson(named)) })}\n`;
};

export const sealManifest = (manifest: Omit<Manifest, "key" | "signature">, key: SigningKey): string =>
  sealed(manifest, key);
export const sealTombstone = (tombstone: Omit<Tombstone, "key" | "signature">, key: SigningKey): string =>
  sealed(tombstone, key);

const checks = { manifest: Compile(Manifest), tombstone: Compile(Tombstone) };

const openSealed = (text: string, check: { Check: (value: unknown) => boolean }, keys: PublicKeys) => {
  let value: unknown;
  try {
    value = JSON.parse(text);
    if (`${canonicalJson(value)}\n` !== text) return "it is not as it was written";
  } catch {
    return "it is not as it was written";
  }
  if (!check.Check(value)) return "it is none that Tagwire writes";
  const { signature, ...body } = value as Signed;
  if (!keys.has(body.key)) return `it is signed with a key that is not known, ${body.key}`;
  const isSigned = hasSigned(keys, { key: body.key, text: canonicalJson(body), signature });
  return isSigned ? { value } : "its signature does not fit";
};

/** The manifest in a text, or in words why it is none to be believed. */
export const openManifest = (text: string, keys: PublicKeys): Manifest | string => {
  const opened = openSealed(text, checks.manifest, keys);
  return typeof opened === "string" ? opened : (opened.value as Manifest);
};
export const openTombstone = (text: string, keys: PublicKeys): Tombstone | string => {
  const opened = openSealed(text, checks.tombstone, keys);
  return typeof opened === "string" ? opened : (opened.value as Tombstone);
};
