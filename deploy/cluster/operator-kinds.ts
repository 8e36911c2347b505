import Type, { type TSchema } from "typebox";
import { Compile } from "typebox/compile";
import type { Manifest } from "./render.ts";

/* What operators bring, as far as it is used here: a field that is not listed is taken for a mistake until somebody has looked it up. */

const exact = (properties: Record<string, TSchema>) =>
  Type.Object(properties, { additionalProperties: false });
const some = (properties: Record<string, TSchema>) =>
  Type.Object(
    Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name, Type.Optional(schema)])),
    { additionalProperties: false },
  );
const texts = Type.Record(Type.String(), Type.String());
const secretKey = exact({ name: Type.String(), key: Type.String() });
const metadata = exact({
  name: Type.String(),
  namespace: Type.String(),
  labels: Type.Optional(texts),
});
const kind = (apiVersion: string, name: string, spec: TSchema) =>
  exact({ apiVersion: Type.Literal(apiVersion), kind: Type.Literal(name), metadata, spec });

/** CloudNativePG 1.25 and later, from its API reference. */
const cluster = exact({
  instances: Type.Integer({ minimum: 3 }),
  imageName: Type.String(),
  inheritedMetadata: exact({ labels: texts }),
  bootstrap: exact({
    initdb: exact({ database: Type.String(), owner: Type.String(), dataChecksums: Type.Boolean() }),
  }),
  postgresql: exact({
    parameters: texts,
    synchronous: exact({ method: Type.Enum(["any", "first"]), number: Type.Integer({ minimum: 1 }) }),
  }),
  storage: some({ size: Type.String(), storageClass: Type.String() }),
  resources: exact({ requests: texts, limits: texts }),
  backup: exact({
    retentionPolicy: Type.String({ pattern: "^[1-9][0-9]*[dwm]$" }),
    barmanObjectStore: exact({
      destinationPath: Type.String({ pattern: "^s3://" }),
      endpointURL: Type.Optional(Type.String()),
      s3Credentials: exact({ accessKeyId: secretKey, secretAccessKey: secretKey }),
      wal: exact({ compression: Type.Enum(["gzip", "bzip2", "snappy", "zstd", "lz4", "xz"]) }),
    }),
  }),
});
const scheduledBackup = exact({
  // Six fields: it begins with seconds.
  schedule: Type.String({ pattern: "^(\\S+ ){5}\\S+$" }),
  backupOwnerReference: Type.Enum(["none", "self", "cluster"]),
  cluster: exact({ name: Type.String() }),
});

/** KEDA 2.x, from its description of a ScaledObject and of the Prometheus trigger. */
const scaledObject = exact({
  scaleTargetRef: exact({ name: Type.String() }),
  minReplicaCount: Type.Integer({ minimum: 1 }),
  maxReplicaCount: Type.Integer({ minimum: 1 }),
  cooldownPeriod: Type.Integer({ minimum: 0 }),
  triggers: Type.Array(
    exact({
      type: Type.Literal("prometheus"),
      metadata: exact({
        serverAddress: Type.String({ pattern: "^https?://" }),
        query: Type.String({ minLength: 1 }),
        threshold: Type.String({ pattern: "^[0-9]+$" }),
      }),
    }),
    { minItems: 1 },
  ),
});

const checks = [
  kind("postgresql.cnpg.io/v1", "Cluster", cluster),
  kind("postgresql.cnpg.io/v1", "ScheduledBackup", scheduledBackup),
  kind("keda.sh/v1alpha1", "ScaledObject", scaledObject),
].map((schema) => ({ is: schema.properties, check: Compile(schema) }));

export const isOperatorKind = ({ apiVersion }: Manifest): boolean =>
  /^(postgresql\.cnpg\.io|keda\.sh)\//.test(apiVersion);

/** What is wrong with a document of a kind that an operator brings. */
export const operatorErrors = (manifest: Manifest): string[] => {
  const matching = checks.find(
    ({ is }) =>
      (is.apiVersion as { const?: unknown }).const === manifest.apiVersion &&
      (is.kind as { const?: unknown }).const === manifest.kind,
  );
  if (matching === undefined) return [`${manifest.apiVersion} ${manifest.kind} is not known here`];
  return matching.check
    .Errors(manifest)
    .map(({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`);
};
