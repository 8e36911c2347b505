/** One side of an audit: the digests that it keeps, what it takes of them at a barrier, and what it answers about its rows. */
export { answerAudit } from "./answer-audit.ts";
export { barrierTables, findDigests, takeVectors } from "./barriers.ts";
export { foldDigests, keepFolding } from "./fold-digests.ts";
export { adoptCount, type Recount, readAuditRows, recount } from "./rows.ts";
export type { AuditSide, Reader } from "./side.ts";
