import { readFileSync } from "node:fs";
import { sharedData } from "@tagwire/testing";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import type { Manifest } from "./render.ts";

type Definition = {
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly "x-kubernetes-group-version-kind"?: readonly { group: string; version: string; kind: string }[];
};

const prefix = "#/definitions/";
const numberOrText = { type: ["string", "number"] };
/** What the cluster takes as a number or a text, and its description calls a text. */
const loose: Readonly<Record<string, object>> = {
  "io.k8s.apimachinery.pkg.util.intstr.IntOrString": numberOrText,
  "io.k8s.apimachinery.pkg.api.resource.Quantity": numberOrText,
};

const strict = (definition: Definition): object =>
  definition.properties === undefined ? definition : { ...definition, additionalProperties: false };

const versionOf = (group: string, version: string): string =>
  group === "" ? version : `${group}/${version}`;

/**
 * Checks documents against what Kubernetes itself says of its kinds, field by field; undefined where that description is not at hand.
 * It says nothing of kinds that operators bring.
 */
export const openApiCheck = (): ((manifest: Manifest) => string[] | undefined) | undefined => {
  const file = sharedData("k8s", "k8s-1.36-pruned.json");
  if (file === undefined) return undefined;
  const { definitions } = JSON.parse(readFileSync(file, "utf8")) as {
    definitions: Record<string, Definition>;
  };
  const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false });
  ajv.addSchema({
    $id: "kubernetes",
    definitions: Object.fromEntries(
      Object.entries(definitions).map(([name, one]) => [name, loose[name] ?? strict(one)]),
    ),
  });
  const checks = new Map<string, ValidateFunction>();
  for (const [name, definition] of Object.entries(definitions))
    for (const { group, version, kind } of definition["x-kubernetes-group-version-kind"] ?? [])
      checks.set(`${versionOf(group, version)} ${kind}`, ajv.compile({ $ref: `kubernetes${prefix}${name}` }));
  return (manifest) => {
    const check = checks.get(`${manifest.apiVersion} ${manifest.kind}`);
    if (check === undefined) return undefined;
    if (check(manifest)) return [];
    return (check.errors ?? []).map(
      ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
    );
  };
};
