import type { By } from "@tagwire/messages";

/** Who asks. A key is a device; a signed-in browser is a person. */
export type Principal = {
  readonly name: string;
  readonly via: "key" | "session";
  readonly keyId: string | null;
};

export const byOf = ({ name, via }: Principal): By => (via === "key" ? { device: name } : { person: name });
