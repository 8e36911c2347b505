import { existsSync } from "node:fs";
import { join } from "node:path";

/** Captured frames and vectors that tests use where they are present. They are not part of the project. */
export const sharedData = (...parts: string[]): string | undefined => {
  const root = process.env.TAGWIRE_SHARED_DATA ?? join(import.meta.dirname, "../../../../shared/data");
  const path = join(root, ...parts);
  return existsSync(path) ? path : undefined;
};
