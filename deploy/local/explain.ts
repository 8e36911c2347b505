import { Fault } from "@tagwire/messages";
import { DataFolderError } from "./data-folder.ts";
import { UsageError } from "./options.ts";

/** What a person is told of what ended a command. A fault whose text is its advice says it once. */
export const explain = (error: unknown): string => {
  if (error instanceof Fault)
    return error.message.includes(error.advice) ? error.message : `${error.message}\n  ${error.advice}`;
  if (error instanceof UsageError || error instanceof DataFolderError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
};

/** Ends quietly when whoever read the lines has read enough, as `head` does. */
export const endWithReader = (): void => {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    process.exit();
  });
};
