import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { findProgram } from "@tagwire/embedded";
import { parseAllDocuments } from "yaml";

const root = join(import.meta.dirname, "../..");
export const overlays = ["dev", "site"] as const;
export type Overlay = (typeof overlays)[number];

/** A document as a cluster is given it. */
export type Manifest = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  // biome-ignore lint/suspicious/noExplicitAny: its schema says what it may hold, and is checked first
  readonly spec?: any;
};

/** What is called wrong names the document by this. */
export const nameOf = ({ kind, metadata }: Manifest): string => `${kind}/${metadata.name}`;

const outputBytesMax = 16 * 1_024 * 1_024;

/**
 * Renders an overlay as `kubectl apply -k` would; without a cluster.
 *
 * @throws EmbeddedFailure `embedded.program_missing` where there is no kubectl and none can be fetched
 */
export const render = async (overlay: Overlay): Promise<Manifest[]> => {
  const proof = ["version", "--client"];
  const kubectl = await findProgram({
    ...{ name: "kubectl", packageName: "kubernetes-client", proof, cacheDir: join(root, ".tagwire/bin") },
  });
  const { stdout } = await promisify(execFile)(kubectl, ["kustomize", join(root, "k8s/overlays", overlay)], {
    maxBuffer: outputBytesMax,
  });
  // A document that is no YAML throws here; an empty one is none.
  return parseAllDocuments(stdout, { strict: true }).map((document) => document.toJS() as Manifest);
};
