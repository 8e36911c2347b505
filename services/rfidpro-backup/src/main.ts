/**
 * Without a word it is the service; `pull` and `verify-archive` do one thing, and end with a code that says how it went. Each loads what
 * it needs alone.
 */
const [word, ...words] = process.argv.slice(2);
if (word === undefined) await (await import("./service.ts")).serve();
else if (word === "pull") process.exitCode = await (await import("./pull-once.ts")).pullOnce(words);
else if (word === "verify-archive")
  process.exitCode = await (await import("./verify-once.ts")).verifyOnce(words);
else {
  process.stderr.write(
    `✗ ${word} is nothing that this does: say pull, verify-archive, or nothing for the service.\n`,
  );
  process.exitCode = 1;
}
