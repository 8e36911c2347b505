/**
 * What .gitignore leaves out, without git, which `npm test` must not need. Only the plain rules are understood: a name or a pattern
 * with stars, anywhere in the tree, and a slash at the end for folders alone.
 *
 * Throws on a rule of another kind, so that none is silently misread.
 */
export const readIgnoreRules = (text: string): ((name: string, isFolder: boolean) => boolean) => {
  const rules = text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => {
      const name = line.replace(/\/$/, "");
      if (/[/!?[\\]|\*\*/.test(name))
        throw new Error(`.gitignore: the rule "${line}" is not understood here`);
      const pattern = name.replaceAll(/[.+^${}()|]/g, "\\$&").replaceAll("*", ".*");
      return { matches: new RegExp(`^${pattern}$`), isForFolders: line.endsWith("/") };
    });
  return (name, isFolder) =>
    rules.some(({ matches, isForFolders }) => matches.test(name) && (isFolder || !isForFolders));
};
