import type { KeptTable } from "@tagwire/digest";
import type { AuditEntity, Position } from "@tagwire/messages";
import type { Sql, Transaction } from "@tagwire/store";

/** A store that is read: on its own, or in a transaction. */
export type Reader = Sql | Transaction;

/** One of the two that an audit compares: what it holds, and how it is read. */
export type AuditSide = {
  readonly sql: Sql;
  /** The table of each entity. The manager holds no events: it keeps their digest alone. */
  readonly tables: { readonly [entity in AuditEntity]: KeptTable | undefined };
  /** Where a site stands; undefined for one that nothing is known of. */
  readonly positionOf: (sql: Reader, site: string) => Promise<Position | undefined>;
};
