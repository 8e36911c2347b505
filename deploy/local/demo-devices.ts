import { type DemoCall, openDemoClient } from "./demo-client.ts";
import { readJson, writePrivateJson } from "./private-file.ts";

/** The call that a device makes, with a key of its own. */
export type DemoDevices = (device: string) => Promise<DemoCall>;

const isKey = (value: unknown): value is string => typeof value === "string" && value !== "";

const readKeys = (file: string): Map<string, string> => {
  const read = readJson(file);
  const entries = typeof read === "object" && read !== null ? Object.entries(read) : [];
  return new Map(entries.filter((entry): entry is [string, string] => isKey(entry[1])));
};

/**
 * Gives each of the staff's devices its own API key, made through the API like anybody's, so that a timeline tells which one a scan
 * came from. Keys are kept in `file` for the next start: a new one each time would bury the keys that people made.
 */
export const openDemoDevices = (options: {
  readonly url: string;
  readonly file: string;
  readonly signal: AbortSignal;
  /** The call of whoever may make keys. */
  readonly call: DemoCall;
}): DemoDevices => {
  const { url, file, signal, call } = options;
  const known = new Map<string, DemoCall>();
  const callWith = (key: string) => openDemoClient({ url, readKey: async () => key, signal });

  const makeKey = async (device: string): Promise<string> => {
    const { status, body } = await call("POST", "/keys", { name: device });
    const key = (body as { readonly key?: unknown } | null)?.key;
    if (status !== 201 || !isKey(key)) throw new Error(`no key for ${device}: ${status}`);
    writePrivateJson(file, Object.fromEntries(readKeys(file).set(device, key)));
    return key;
  };

  const open = async (device: string): Promise<DemoCall> => {
    const kept = readKeys(file).get(device);
    // The data may be another's than when the key was kept.
    const works = kept !== undefined && (await callWith(kept)("GET", "/session")).status === 200;
    return callWith(works ? kept : await makeKey(device));
  };

  return async (device) => {
    const found = known.get(device) ?? (await open(device));
    known.set(device, found);
    return found;
  };
};
