import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { plainEnvironment } from "@tagwire/testing";

/**
 * A process with a keeper in it, for a test to kill: see `test-doomed-keeper.ts`. `took` is how many frames it had taken for certain: it may
 * have taken one more.
 */
export const startDoomed = (url: string, answers: number, tallies = "") => {
  const file = join(import.meta.dirname, "test-doomed-keeper.ts");
  const child = spawn(process.execPath, [file, url, String(answers), tallies], {
    env: plainEnvironment(),
    stdio: ["ignore", "pipe", "inherit"],
  });
  let said = "";
  child.stdout.on("data", (chunk: Buffer) => {
    said += chunk.toString();
  });
  return {
    isUnanswered: () => said.includes("unanswered"),
    took: () => said.split("\n").filter((line) => line === "took").length,
    kill: async () => {
      const gone = once(child, "close");
      child.kill("SIGKILL");
      await gone;
    },
  };
};
