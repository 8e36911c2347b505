import { useState } from "react";
import type { Answer } from "../api/http.ts";

export type Act = {
  /** Whether something is under way: nobody presses twice. */
  readonly busy: boolean;
  /** What the server said against it. */
  readonly wrong: string | undefined;
  /** Does it, and gives its answer; undefined where there is none to go on with. */
  run<T>(asked: () => Promise<Answer<T>>): Promise<T | undefined>;
};

/** Something that a person does on the server: one at a time, and a no is said. */
export const useAct = (): Act => {
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState<string>();
  const run = async <T>(asked: () => Promise<Answer<T>>): Promise<T | undefined> => {
    setBusy(true);
    const answer = await asked();
    setBusy(false);
    setWrong(answer.kind === "refused" ? answer.refusal.message : undefined);
    return answer.kind === "ok" ? answer.value : undefined;
  };
  return { busy, wrong, run };
};
