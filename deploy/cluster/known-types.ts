import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Manifest, nameOf } from "./render.ts";

const root = join(import.meta.dirname, "../..");

/** Where the kinds of Kubernetes are described; those that operators bring are described elsewhere. */
const moduleOf = ({ apiVersion }: Manifest): string => {
  const [group, version] = apiVersion.includes("/") ? apiVersion.split("/") : ["core", apiVersion];
  return `kubernetes-types/${group?.replace(/\..*$/, "")}/${version}`;
};

const program = (manifests: readonly Manifest[]): string =>
  manifests
    .map(
      (one, index) =>
        `import type { ${one.kind} as Kind${index} } from "${moduleOf(one)}";\n` +
        `export const document${index}: Kind${index} = ${JSON.stringify(one)};\n`,
    )
    .join("");

/**
 * Has the compiler read documents as what their kinds are: a field that there is not, one of another type and a value that is no choice
 * are told, each with the document that has it.
 */
export const typeErrors = async (manifests: readonly Manifest[]): Promise<string[]> => {
  // Packages are looked for from where a program stands.
  const cache = join(root, "node_modules/.cache");
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(join(cache, "manifests-"));
  try {
    const file = join(folder, "manifests.ts");
    await writeFile(file, program(manifests));
    const compiler = join(root, "node_modules/typescript/bin/tsc");
    const flags = [
      "--noEmit",
      "--strict",
      "--module",
      "preserve",
      "--skipLibCheck",
      "--types",
      "",
      "--ignoreConfig",
    ];
    const told = await new Promise<string>((done) =>
      execFile(
        process.execPath,
        [compiler, ...flags, "--pretty", "false", file],
        { cwd: folder },
        (_error, out) => done(out),
      ),
    );
    return told
      .split("\n")
      .filter((line) => line.includes("error TS"))
      .map((line) => {
        const at = Number(/manifests\.ts\((\d+),/.exec(line)?.[1] ?? 0);
        // Each document has a line for its kind, and one for itself.
        const one = manifests[Math.ceil(at / 2) - 1];
        return `${one === undefined ? "?" : nameOf(one)}: ${line.slice(0, 400)}`;
      });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};
