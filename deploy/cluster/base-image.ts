import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { findMirror, runCommand } from "@tagwire/embedded";
import { podman, podmanAgrees } from "./podman.ts";

const name = "localhost/tagwire-node:24";
const bootstrapTimeoutMs = 600_000;
const path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** npm's own folder: it is a program of Node, wherever the distribution puts it. */
const npmFolder = async (): Promise<string> => {
  const { stdout } = await runCommand("npm", ["root", "--global"], { timeoutMs: 30_000 });
  const folder = join(stdout.trim(), "npm");
  if (!existsSync(folder)) throw new Error(`npm is not in ${folder}`);
  return realpathSync(folder);
};

/**
 * A base with this machine's distribution and the Node that Tagwire runs on: for where no registry of images can be asked. Made once.
 *
 * @returns its name
 */
export const makeBaseImage = async (note: (text: string) => void): Promise<string> => {
  if (await podmanAgrees(["image", "exists", name])) return name;
  const { codename, base } = await findMirror();
  const root = mkdtempSync(join(tmpdir(), "tagwire-base-"));
  try {
    note(`a base of ${codename} with debootstrap`);
    const { code, stdout } = await runCommand(
      "debootstrap",
      ["--variant=minbase", "--include=ca-certificates", codename, root, base],
      { timeoutMs: bootstrapTimeoutMs },
    );
    if (code !== 0) throw new Error(`debootstrap ended with ${code}: ${stdout.slice(-2_000)}`);
    const bin = join(root, "usr/local/bin");
    copyFileSync(process.execPath, join(bin, "node"));
    const modules = join(root, "usr/local/lib/node_modules");
    mkdirSync(modules, { recursive: true });
    cpSync(await npmFolder(), join(modules, "npm"), { recursive: true });
    symlinkSync("../lib/node_modules/npm/bin/npm-cli.js", join(bin, "npm"));
    const archive = join(dirname(root), `${root.split("/").at(-1)}.tar`);
    try {
      const packed = await runCommand("tar", ["-C", root, "-cf", archive, "."], {
        timeoutMs: bootstrapTimeoutMs,
      });
      if (packed.code !== 0) throw new Error(`tar ended with ${packed.code}`);
      await podman(["import", "--change", `ENV PATH=${path}`, archive, name]);
    } finally {
      rmSync(archive, { force: true });
    }
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
  return name;
};
