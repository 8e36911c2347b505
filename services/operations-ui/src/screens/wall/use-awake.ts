import { useEffect } from "react";

/** Keeps the screen on while it is looked at; where the browser does not allow that, the screen does as it is set to. */
export const useAwake = (): void => {
  useEffect(() => {
    let lock: WakeLockSentinel | undefined;
    let isLeft = false;
    const ask = async (): Promise<void> => {
      const { wakeLock } = navigator as { readonly wakeLock?: WakeLock };
      if (wakeLock === undefined || document.visibilityState !== "visible") return;
      const given = await wakeLock.request("screen").catch(() => undefined);
      if (isLeft) void given?.release();
      else lock = given;
    };
    void ask();
    // A page that was out of sight has lost it.
    document.addEventListener("visibilitychange", ask);
    return () => {
      isLeft = true;
      document.removeEventListener("visibilitychange", ask);
      void lock?.release();
    };
  }, []);
};
