/** A service for the tests of how a service lives: what it does is told by its environment. */
import { runService } from "./run-service.ts";

await runService("trial", async ({ env, log, use, ready, lacks, tell }) => {
  const opened = (name: string) => ({ close: async () => log.info({ name }, "closed") });
  use(opened("first"));
  use(opened("second"));
  ready("warm", () => env.TRIAL === "warm");
  ready("known", () => {
    if (env.TRIAL === "cold") throw new Error("nobody was asked");
    return true;
  });
  ready("heard", () => env.TRIAL === "warm" || new Promise<boolean>(() => {}));
  if (env.TRIAL === "warm") lacks("no gloves");
  tell({ public: "http://127.0.0.1:1" });
  if (env.TRIAL === "fails") throw new Error("no ground to stand on");
  if (env.TRIAL === "throws later") setTimeout(() => Promise.reject(new Error("a mistake")), 50);
});
