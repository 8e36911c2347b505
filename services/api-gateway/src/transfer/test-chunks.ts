/** Bytes as a connection brings them: cut wherever it pleases. */
export async function* inChunks(
  bytes: Buffer | string,
  size = Number.POSITIVE_INFINITY,
): AsyncGenerator<Buffer> {
  const all = Buffer.from(bytes as string);
  const step = Math.min(size, Math.max(1, all.length));
  for (let at = 0; at < all.length; at += step) yield all.subarray(at, at + step);
}

export const gather = async <T>(source: AsyncIterable<T>): Promise<T[]> => {
  const all: T[] = [];
  for await (const one of source) all.push(one);
  return all;
};
