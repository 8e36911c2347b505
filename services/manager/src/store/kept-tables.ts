import type { KeptTable } from "@tagwire/digest";
import type { AuditEntity } from "@tagwire/messages";

/** What is kept account of, with the fields of each form as `auditFields` names them: the same as in operations, of other columns. Part of a migration: its text never changes. */
export const keptTables: { readonly [entity in Exclude<AuditEntity, "event">]: KeptTable } = {
  item: {
    table: "item",
    entity: "item",
    key: "tag",
    fields: [
      "tag",
      "class",
      "name",
      "status",
      "quality",
      "place",
      "contract",
      "notes",
      "version",
      "pos",
      "tagwire_instant(last_fact_at)",
      "last_scan",
      "tagwire_instant(place_at)",
      "tagwire_instant(quality_at)",
      "role",
      "condition",
      "last_service",
      "replaces",
      "replaced_by",
    ],
  },
  contract: {
    table: "contract",
    entity: "contract",
    key: "number",
    fields: ["number", "kind", "state", "client", "contract"],
  },
  member: {
    table: "contract_member",
    entity: "member",
    key: "(contract || ' ' || tag)",
    fields: [
      "contract",
      "tag",
      "class",
      "state",
      "tagwire_instant(out_at)",
      "tagwire_instant(back_at)",
      "pos",
    ],
  },
  session: {
    table: "session",
    entity: "session",
    key: "id",
    fields: ["id", "mode", "state", "contract", "session"],
  },
  session_tag: {
    table: "session_tag",
    entity: "session_tag",
    key: "(session || ' ' || tag)",
    fields: ["session", "tag", "expected", "outcome", "type", "class", "tagwire_instant(seen_at)", "beside"],
  },
  class: {
    table: "rental_class",
    entity: "class",
    key: "class",
    fields: ["class", "name", "short_name", "category", "subcategory", "crew", "place", "version", "pos"],
  },
  waiting: {
    table: "quarantine",
    entity: "waiting",
    key: "tag",
    fields: ["tag"],
    weight: "scans",
  },
};
