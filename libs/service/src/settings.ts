import { Fault } from "@tagwire/messages";
import Type, { type Static, type TObject } from "typebox";
import { Compile } from "typebox/compile";
import { Convert, Default } from "typebox/value";

export type Environment = Readonly<Record<string, string | undefined>>;

/** The settings that every service has. */
export const serviceSettings = {
  DATABASE_URL: Type.String({ pattern: "^postgres(ql)?://" }),
  NATS_URL: Type.String({ pattern: "^(nats|tls)://" }),
  STREAM_REPLICAS: Type.Integer({
    minimum: 1,
    maximum: 5,
    default: 1,
    description: "on how many servers of a NATS cluster each stream is kept",
  }),
  SERVICE_PORT: Type.Integer({ minimum: 0, maximum: 65_535, default: 0 }),
};

/**
 * Reads settings from the environment by their schema: text becomes numbers and booleans, absent ones take their default.
 * A bad setting is named and never quoted, because values may be secrets.
 *
 * @throws Fault `config.invalid`, naming every setting that is missing or wrong.
 */
export const readSettings = <T extends TObject>(schema: T, env: Environment): Static<T> => {
  const given = Object.fromEntries(
    Object.keys(schema.properties).flatMap((name) => {
      const value = env[name];
      return value === undefined || value === "" ? [] : [[name, value]];
    }),
  );
  const settings = Convert(schema, Default(schema, given));
  const check = Compile(schema);
  if (check.Check(settings)) return settings as Static<T>;
  const names = Object.keys(schema.properties).filter((name) => {
    const property = schema.properties[name];
    return property !== undefined && !Compile(Type.Object({ [name]: property })).Check(settings);
  });
  throw new Fault("config.invalid", names.join(", "));
};
