import Type, { type Static } from "typebox";
import Value from "typebox/value";
import { readJson, writePrivateJson } from "./private-file.ts";

/** Where one process of a service answers; of several the name says which. `http` is a base URL. */
export interface ServiceEndpoint {
  readonly name: string;
  readonly pid: number;
  readonly http: string;
}

/** What `<data>/endpoints.json` tells tools while Tagwire runs. The pids are `null` for servers that are not ours. */
export interface Endpoints {
  readonly http: string;
  readonly database: string;
  readonly nats: string;
  /** Where readers publish over MQTT; `null` with a nats-server that is not ours. */
  readonly mqtt: string | null;
  readonly services: readonly ServiceEndpoint[];
  readonly postgresPid: number | null;
  readonly natsPid: number | null;
}

export const writeEndpoints = (file: string, endpoints: Endpoints): void => writePrivateJson(file, endpoints);

const Known = Type.Object({
  http: Type.String(),
  database: Type.Optional(Type.String()),
  nats: Type.Optional(Type.String()),
  services: Type.Optional(Type.Array(Type.Object({ name: Type.String(), http: Type.String() }))),
});

/** Where a running Tagwire is, from the file that it keeps. */
export const readEndpoints = (file: string): Static<typeof Known> | undefined => {
  const value: unknown = readJson(file);
  return Value.Check(Known, value) ? value : undefined;
};

/** What a service writes into its ENDPOINT_FILE once it listens. Only the api-gateway has the last two: how people reach it, and where it listens itself. */
export interface ServiceAddress {
  readonly pid: number;
  readonly http: string;
  readonly public: string | undefined;
  readonly listens: string | undefined;
}

/** `undefined` while the file is missing or half written. */
export const readServiceAddress = (file: string): ServiceAddress | undefined => {
  const value = readJson(file);
  if (typeof value !== "object" || value === null || !("pid" in value) || !("http" in value))
    return undefined;
  if (typeof value.pid !== "number" || typeof value.http !== "string") return undefined;
  const textOf = (name: string): string | undefined => {
    const said: unknown = Object.entries(value).find(([key]) => key === name)?.[1];
    return typeof said === "string" ? said : undefined;
  };
  return { pid: value.pid, http: value.http, public: textOf("public"), listens: textOf("listens") };
};
