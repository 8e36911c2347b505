import { type By, type CountingDevice, Fault } from "@tagwire/messages";

/** Who asks. A key is a device; a signed-in browser is a person. */
export type Principal = {
  readonly name: string;
  readonly via: "key" | "session";
  readonly keyId: string | null;
  /** The test scans of this process: see `synthetic/confine.ts`. */
  readonly isSynthetic?: true;
};

/** What a browser calls itself by: it makes the name up, so it is none that a key is given. */
const browserName = /^browser-[0-9a-f]{8}$/;

export const isBrowserName = (name: string): boolean => browserName.test(name.trim().toLowerCase());

/** Whether somebody speaks as the device of a name: with its own key, or signed in, in the browser that goes by it. */
export const isDeviceOf = ({ name, via }: Principal, device: string): boolean =>
  via === "key" ? name === device : browserName.test(device);

/**
 * What a device says of its own scans is believed, so nobody says it in the name of another.
 *
 * @throws Fault `device_not_yours`.
 */
export const refuseOthersDevice = (principal: Principal, device: CountingDevice | undefined): void => {
  if (device !== undefined && !isDeviceOf(principal, device.id))
    throw new Fault("device_not_yours", device.id);
};

/**
 * Scans count for the device that made them, so nobody hands in scans of a device that has a key of its own. Those that a browser holds
 * and cannot send go by its rescue file: whoever has that hands them in under their own name, and they count for the browser.
 *
 * @throws Fault `device_not_yours`.
 */
export const refuseOthersScans = (principal: Principal, device: CountingDevice | undefined): void => {
  if (device !== undefined && !browserName.test(device.id)) refuseOthersDevice(principal, device);
};

export const byOf = ({ name, via }: Principal): By => (via === "key" ? { device: name } : { person: name });
