import type { By } from "@tagwire/messages";

/** Who asks. A key is a device; a signed-in browser is a person. */
export type Principal = {
  readonly name: string;
  readonly via: "key" | "session";
  readonly keyId: string | null;
};

/** What a browser calls itself by: it makes the name up, so it is none that a key could have been given. */
const browserName = /^browser-[0-9a-f]{8}$/;

/** Whether somebody speaks as the device of a name: with its own key, or signed in, in the browser that goes by it. */
export const isDeviceOf = ({ name, via }: Principal, device: string): boolean =>
  via === "key" ? name === device : browserName.test(device);

export const byOf = ({ name, via }: Principal): By => (via === "key" ? { device: name } : { person: name });
