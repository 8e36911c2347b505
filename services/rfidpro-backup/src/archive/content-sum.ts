import { createHash } from "node:crypto";

/** SHA-256 of what can be read. */
export const contentSum = async (content: AsyncIterable<Uint8Array>): Promise<Buffer> => {
  const hash = createHash("sha256");
  for await (const chunk of content) hash.update(chunk);
  return hash.digest();
};
