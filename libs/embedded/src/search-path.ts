import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";

/** True when the file exists and this process may run it. */
export const isExecutableFile = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
};

/** Every executable called `name` on the PATH of `env`, then in `besides`, each path once, in order. */
export const findAllOnPath = (
  name: string,
  env: NodeJS.ProcessEnv = process.env,
  besides: readonly string[] = [],
): string[] => {
  const folders = [...(env.PATH ?? "").split(delimiter).filter((folder) => folder !== ""), ...besides];
  return [...new Set(folders.map((folder) => join(folder, name)))].filter(isExecutableFile);
};
