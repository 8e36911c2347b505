import type { DeviceReport } from "@tagwire/messages";
import { type Answer, call } from "./http.ts";
import { compareClocks } from "./rough-clock.ts";

/** Says how the queue of this device is. Answers the name that the device goes by from its next life on. */
export const sendReport = async (
  site: string,
  report: DeviceReport,
): Promise<Answer<{ device: string; now: string }>> => {
  const sentAtMs = Date.now();
  const answer = await call<{ device: string; now: string }>(
    `/sites/${encodeURIComponent(site)}/device-reports`,
    { method: "POST", body: report },
  );
  if (answer.kind === "ok") compareClocks(answer.value.now, sentAtMs);
  return answer;
};
