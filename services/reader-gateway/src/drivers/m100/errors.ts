/** One of these comes for every round in which no tag answered: it says that the module lives, nothing else. */
export const noTagError = 0x15;

/** What a module's error codes mean and what to do. Source: M100 communication user protocol 2.1, section 2. */
const texts: Readonly<Record<number, string>> = {
  9: "a tag could not be read: bring it nearer, or only one at a time",
  16: "writing to a tag failed: bring it nearer",
  18: "killing a tag failed",
  19: "locking a tag failed",
  22: "the tag's access password is another one",
  23: "the module does not know a command: its firmware may be another family's",
  32: "the module found no free channel: check the region and other readers nearby",
};

const tagErrors: Readonly<Record<number, string>> = {
  0: "a reason of its own",
  3: "an address that it does not have",
  4: "locked memory",
  11: "too little power: bring it nearer",
  15: "a reason of its own",
};

const accessKinds: Readonly<Record<number, string>> = { 10: "read", 11: "write", 12: "lock", 13: "kill" };

/** Words for an error code; codes from A0 on carry the kind of access and the tag's own error. */
export const errorText = (code: number): string => {
  const kind = accessKinds[code >> 4];
  if (kind !== undefined)
    return `${kind} refused by the tag: ${tagErrors[code & 15] ?? `error ${code & 15}`}`;
  return texts[code] ?? `error ${code.toString(16).toUpperCase().padStart(2, "0")}`;
};
