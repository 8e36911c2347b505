/** What is kept in memory for all readers together, in bytes. */
export const keptBytesMax = 64 * 1024 * 1024;

/** One reader's part of what is kept. */
export type Share = {
  /** Counts bytes that are kept; negative when they leave. */
  readonly change: (bytes: number) => void;
  /** Whether too much is kept and this reader is one of those for whom most of it is. */
  readonly isTooMuch: () => boolean;
  readonly leave: () => void;
};

/**
 * Bounds what slow readers cost together. Each has a bound of its own, but hundreds of them would still be too much: then those who
 * hold no less than the average give theirs back, so whoever reads what he gets notices nothing.
 */
export const openBudget = (bytesMax = keptBytesMax) => {
  let keptBytes = 0;
  let members = 0;
  return {
    join: (): Share => {
      let ownBytes = 0;
      members += 1;
      return {
        change: (bytes) => {
          ownBytes += bytes;
          keptBytes += bytes;
        },
        isTooMuch: () => keptBytes > bytesMax && ownBytes >= keptBytes / members,
        leave: () => {
          keptBytes -= ownBytes;
          ownBytes = 0;
          members -= 1;
        },
      };
    },
  };
};
export type Budget = ReturnType<typeof openBudget>;
