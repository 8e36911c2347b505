/* Apart from the schemas, so that a page that names statuses does not carry what checks them. */

export const itemStatuses = [
  "provisioned",
  "ready",
  "staged",
  "on_rent",
  "delivered",
  "inspect",
  "repair",
  "wash",
  "wet",
  "missing",
  "sold",
  "retired",
] as const;

/** What a person may set by hand; on_rent, delivered and staged come from scans alone. */
export const manualStatuses = [
  "ready",
  "inspect",
  "repair",
  "wash",
  "wet",
  "missing",
  "sold",
  "retired",
] as const;
