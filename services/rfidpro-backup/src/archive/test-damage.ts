import type { Random } from "@tagwire/emulators";
import type { ArchiveFaultCode } from "./fault.ts";
import { manifestName, tombstoneName } from "./manifest.ts";
import { publicKeyName } from "./public-key.ts";

/** An archive as its files are: what damage is done to. */
export type Files = ReadonlyMap<string, Buffer>;

/** Files after some damage, and what has to be found; undefined where nothing could be damaged in that way. */
export type Damaged =
  | { readonly files: Files; readonly code: ArchiveFaultCode; readonly path?: string | undefined }
  | undefined;

export type Damage = (files: Files, random: Random) => Damaged;

const folderOf = (path: string): string => path.slice(0, path.lastIndexOf("/"));
const isManifest = (path: string): boolean => path.endsWith(`/${manifestName}`);
const isData = (path: string): boolean => path.endsWith(".gz");
const manifestsOf = (files: Files): string[] => [...files.keys()].filter(isManifest).sort();
/** Days are in the paths, so that of each site the last one by name is the newest. */
const newestOf = (files: Files, site: string): string[] =>
  manifestsOf(files).filter((path) => path.includes(`/${site}/`));
const any = (files: Files, random: Random): string => random.pick([...files.keys()]);

const withFile = (files: Files, path: string, content: Buffer): Files => new Map([...files, [path, content]]);
const without = (files: Files, isGone: (path: string) => boolean): Files =>
  new Map([...files].filter(([path]) => !isGone(path)));

const changed = (files: Files, path: string, content: Buffer): Damaged =>
  content.equals(files.get(path) ?? Buffer.alloc(0))
    ? undefined
    : { files: withFile(files, path, content), code: "changed", path };

const swapped = (files: Files, left: string, right: string): Damaged => {
  const [one, other] = [files.get(left), files.get(right)];
  if (one === undefined || other === undefined || one.equals(other)) return undefined;
  return { files: withFile(withFile(files, left, other), right, one), code: "reordered", path: left };
};

const contentOf = (files: Files, path: string): Buffer => files.get(path) ?? Buffer.alloc(0);

const isSealed = (path: string): boolean =>
  path.endsWith(`/${manifestName}`) || path.endsWith(`/${tombstoneName}`);
const base64url = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** What is signed, with every other last character of its signature, and with what lenient readers of base64 leave out. */
export const otherSpellings = (sealed: Buffer): Buffer[] => {
  const text = sealed.toString();
  const [, signature = ""] = /"signature":"([^"]+)"/.exec(text) ?? [];
  return [
    ...[...base64url].map((last) => signature.slice(0, -1) + last),
    ...[
      `${signature}=`,
      `${signature}==`,
      `${signature}=anything`,
      `${signature.slice(0, 9)} !${signature.slice(9)}`,
    ],
    signature.replaceAll("-", "+").replaceAll("_", "/"),
  ]
    .filter((other) => other !== signature)
    .map((other) => Buffer.from(text.replace(signature, other)));
};

/** Every way in which an archive is spoilt, by accident or by somebody who has no key. */
export const damages: Readonly<Record<string, Damage>> = {
  "one bit of a file is flipped": (files, random) => {
    const path = any(files, random);
    const content = Buffer.from(contentOf(files, path));
    const at = random.whole(0, content.length - 1);
    content[at] = (content[at] ?? 0) ^ (1 << random.whole(0, 7));
    return changed(files, path, content);
  },
  "a stretch of a file is made zero": (files, random) => {
    const path = any(files, random);
    const content = Buffer.from(contentOf(files, path));
    content.fill(0, random.whole(0, content.length - 1));
    return changed(files, path, content);
  },
  "a file is cut off": (files, random) => {
    const path = any(files, random);
    const content = contentOf(files, path);
    return changed(files, path, content.subarray(0, random.whole(0, content.length - 1)));
  },
  "something is added to a file": (files, random) => {
    const path = any(files, random);
    return changed(files, path, Buffer.concat([contentOf(files, path), Buffer.from([random.whole(0, 255)])]));
  },
  "a file is taken away": (files, random) => {
    const path = any(files, random);
    // Without its tombstone, what was let go is missing: the first of its files is told.
    const told = path.endsWith(tombstoneName) ? undefined : path;
    return { files: without(files, (one) => one === path), code: "missing", path: told };
  },
  "all of an earlier run is taken away": (files, random) => {
    const site = random.pick(["north", "south"]);
    const earlier = newestOf(files, site).slice(0, -1);
    const folder = folderOf(random.pick(earlier));
    return {
      files: without(files, (one) => one.startsWith(`${folder}/`)),
      code: "missing",
      path: `rfidpro/${site}`,
    };
  },
  "the newest runs are taken away": (files, random) => {
    const site = random.pick(["north", "south"]);
    const all = newestOf(files, site);
    const gone = all.slice(random.whole(0, all.length - 1)).map(folderOf);
    return {
      files: without(files, (one) => gone.includes(folderOf(one))),
      code: "rolled_back",
      path: `rfidpro/${site}`,
    };
  },
  "a file is put there": (files, random) => {
    const folder = random.pick([...new Set([...files.keys()].map(folderOf)), "rfidpro", "rfidpro/east"]);
    const name = random.pick(["items-raw-00002.ndjson.gz", "notes.txt", ".hidden", "manifest.json.old"]);
    const path = folder === "" ? name : `${folder}/${name}`;
    return { files: withFile(files, path, contentOf(files, any(files, random))), code: "added", path };
  },
  "two files change places": (files, random) => {
    const data = [...files.keys()].filter(isData);
    return swapped(files, random.pick(data), random.pick(data));
  },
  "two manifests change places": (files, random) => {
    const all = manifestsOf(files);
    return swapped(files, random.pick(all), random.pick(all));
  },
  "two runs change places": (files, random) => {
    const folders = manifestsOf(files).map(folderOf);
    const [left, right] = [random.pick(folders), random.pick(folders)];
    if (left === right) return undefined;
    const other = (path: string) => {
      const folder = folderOf(path);
      if (folder === left) return path.replace(left, right);
      return folder === right ? path.replace(right, left) : path;
    };
    const moved = new Map([...files].map(([path, content]) => [other(path), content]));
    return { files: moved, code: "reordered", path: `${left}/${manifestName}` };
  },
  "a run is moved to another day": (files, random) => {
    const folder = folderOf(random.pick(manifestsOf(files)));
    const to = folder.replace(/\/03\/(\d\d)\//, "/04/$1/");
    const moved = new Map([...files].map(([path, content]) => [path.replace(folder, to), content]));
    return { files: moved, code: "reordered", path: `${to}/${manifestName}` };
  },
  "a run is there twice": (files, random) => {
    const folder = folderOf(random.pick(manifestsOf(files)));
    const to = folder.replace(/\/03\/(\d\d)\//, "/04/$1/");
    const copies = [...files].filter(([path]) => folderOf(path) === folder);
    const more = copies.map(([path, content]): [string, Buffer] => [path.replace(folder, to), content]);
    return { files: new Map([...files, ...more]), code: "reordered", path: `${to}/${manifestName}` };
  },
  "an older file stands for a newer one": (files, random) => {
    const data = [...files.keys()].filter(isData);
    const [from, path] = [random.pick(data), random.pick(data)];
    if (contentOf(files, from).equals(contentOf(files, path))) return undefined;
    return { files: withFile(files, path, contentOf(files, from)), code: "reordered", path };
  },
  "a number in a manifest is another": (files, random) => {
    const path = random.pick(manifestsOf(files));
    const text = contentOf(files, path).toString();
    const content = text.replace(/"rows":\d+/, `"rows":${random.whole(5, 99)}`);
    return changed(files, path, Buffer.from(content));
  },
  "a tombstone of one run is laid beside another, and its files are taken away": (files, random) => {
    const stone = [...files.keys()].find((path) => path.endsWith(tombstoneName)) ?? "";
    const folder = folderOf(random.pick(manifestsOf(files).filter((path) => !path.includes("/03/01/"))));
    const left = without(files, (path) => folderOf(path) === folder && isData(path));
    const path = `${folder}/${tombstoneName}`;
    return { files: withFile(left, path, contentOf(files, stone)), code: "reordered", path };
  },
  "a signature is spelt otherwise": (files, random) => {
    const path = random.pick([...files.keys()].filter(isSealed));
    return changed(files, path, random.pick(otherSpellings(contentOf(files, path))));
  },
  "the public key is spelt otherwise": (files, random) => {
    const text = contentOf(files, publicKeyName).toString();
    const other = random.pick([
      `\n${text}`,
      text.replaceAll("\n", "\r\n"),
      text.replace("=\n", "= \n"),
      text + text,
    ]);
    return changed(files, publicKeyName, Buffer.from(other));
  },
  "the public key is another": (files, random) => {
    const path = publicKeyName;
    const other = contentOf(files, path).toString().split("\n");
    const key = Buffer.from(other[1] ?? "", "base64");
    key[key.length - 1 - random.whole(0, 20)] = random.whole(0, 255);
    return changed(
      files,
      path,
      Buffer.from([other[0], key.toString("base64"), ...other.slice(2)].join("\n")),
    );
  },
};
