import { useState } from "react";
import { Refused } from "./school.ts";

/** One thing that is done at a time, and why it was refused. */
export const useDeed = () => {
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState<string>();
  const run = async (deed: () => Promise<unknown>): Promise<void> => {
    setBusy(true);
    setWrong(undefined);
    try {
      await deed();
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      setWrong(error.message);
    } finally {
      setBusy(false);
    }
  };
  return { busy, wrong, run };
};
