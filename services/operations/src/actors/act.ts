import { createHash } from "node:crypto";
import { canonicalJson } from "@tagwire/digest";
import { type CreateItem, normaliseTag, type PatchItem, type Scan } from "@tagwire/messages";
import type { Origin } from "./decision.ts";
import type { ImportedRow } from "./import-row.ts";
import type { Evidence } from "./scan.ts";

/** One thing asked of a site, with the identity under which its answer is kept. */
export type Act =
  | {
      readonly kind: "scan";
      readonly id: string;
      readonly origin: Origin;
      readonly scan: Scan;
      readonly evidence?: Evidence;
    }
  | { readonly kind: "create"; readonly id: string; readonly origin: Origin; readonly body: CreateItem }
  | {
      readonly kind: "patch";
      readonly id: string;
      readonly origin: Origin;
      readonly body: { readonly tag: string; readonly version: number | null; readonly patch: PatchItem };
    }
  | { readonly kind: "import"; readonly id: string; readonly origin: Origin; readonly body: ImportedRow };

/** The tag an act is about, in its one form; undefined when nobody can have such a tag. */
export const tagOf = (act: Act): string | undefined =>
  normaliseTag(act.kind === "scan" ? act.scan.tag : act.body.tag);

/** Whether an act may put a tag on a thing: what waits for the tag is decided then. */
export const mayCommission = ({ kind }: Act): boolean => kind === "create" || kind === "import";

const hashBytes = 16;

/** What an id stands for. 128 bits of SHA-256: an accident detector, not a signature. */
export const bodyHashOf = (act: Act): string =>
  createHash("sha256")
    .update(canonicalJson(act.kind === "scan" ? act.scan : { kind: act.kind, body: act.body }))
    .digest()
    .subarray(0, hashBytes)
    .toString("base64url");
