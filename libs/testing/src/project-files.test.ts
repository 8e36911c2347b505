import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { readIgnoreRules } from "./ignore-rules.ts";
import { readProject } from "./project-files.ts";

const projectWith = (files: Readonly<Record<string, string>>): string => {
  const folder = mkdtempSync(join(tmpdir(), "tagwire-tree-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(folder, dirname(path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
};

test("everything is read but what .gitignore leaves out, and no git is asked", () => {
  const folder = projectWith({
    ".gitignore": "# what is made\nnode_modules/\n*.log\n\n.cache/\n",
    ".git/config": "x",
    ".scratch/notes.txt": "notes",
    "a.ts": "a",
    "debug.log": "x",
    "libs/bus/node_modules/x/a.js": "x",
    "libs/bus/src/b.ts": "b",
    "libs/bus/trace.log": "x",
    "libs/bus/node_modules.md": "no folder",
    "picture.png": "\0\0",
  });
  symlinkSync("a.ts", join(folder, "link.ts"));
  expect(readProject(folder)).toEqual([
    { path: ".gitignore", text: expect.stringContaining("*.log") },
    { path: ".scratch/notes.txt", text: "notes" },
    { path: "a.ts", text: "a" },
    { path: "libs/bus/node_modules.md", text: "no folder" },
    { path: "libs/bus/src/b.ts", text: "b" },
    { path: "picture.png", text: "" },
  ]);
});

test.each(["!keep.log", "/build", "docs/*.html", "**/x", "a?c"])(
  "a rule like %s is refused, not misread",
  (rule) => {
    expect(() => readIgnoreRules(rule)).toThrow(rule);
  },
);
