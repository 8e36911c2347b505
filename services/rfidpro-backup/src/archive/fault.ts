/**
 * What is not as it was archived. `changed`: its content. `missing`: it was there. `added`: nothing of the archive names it.
 * `reordered`: it stands where something else stood. `rolled_back`: what was there last is not there any more.
 */
export const archiveFaultCodes = ["changed", "missing", "added", "reordered", "rolled_back"] as const;
export type ArchiveFaultCode = (typeof archiveFaultCodes)[number];

export type ArchiveFault = {
  readonly code: ArchiveFaultCode;
  /** From the top of the archive. */
  readonly path: string;
  readonly detail: string;
};

/** The newest manifest of a site, as somebody outside of the archive remembers it. */
export type ArchiveHead = { readonly site: string; readonly number: number; readonly manifest: string };
