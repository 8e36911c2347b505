/** Where a picture is, by the hash that the log names. */
export const photoAddress = (site: string, sha256: string): string =>
  `/api/v1/sites/${encodeURIComponent(site)}/photos/${sha256}`;
