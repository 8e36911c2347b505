import { readFileSync } from "node:fs";
import { sharedData } from "./shared-data.ts";

/** What a JSON schema has against a document: nothing, or where and what. */
export type SchemaCheck = (document: unknown) => readonly string[];

/**
 * GS1's own JSON schema of EPCIS 2.0 documents; undefined where it is not at hand. It is draft-07 and not strict in the sense of the
 * validator, and by far not all that the standard asks for: see `epcisOffences` for the rest.
 */
export const epcisSchema = async (): Promise<SchemaCheck | undefined> => {
  const file = sharedData("epcis", "EPCIS-JSON-Schema.json");
  if (file === undefined) return undefined;
  const [{ Ajv }, { default: formats }] = await Promise.all([import("ajv"), import("ajv-formats")]);
  const ajv = new Ajv({ strict: false, allErrors: true });
  formats.default(ajv);
  const check = ajv.compile(JSON.parse(readFileSync(file, "utf8")));
  return (document) => {
    if (check(document) === true) return [];
    return (check.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
  };
};
