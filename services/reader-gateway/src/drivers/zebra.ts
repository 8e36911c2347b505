import type { Driver } from "./driver.ts";
import { Inbox } from "./json/inbox.ts";
import { hearPushes } from "./push.ts";
import { zebraEvents } from "./zebra/events.ts";

/** Zebra readers with the IoT Connector (FX7500, FX9600, ATR7000, FXR60, FXR90, RFD40, RFD90), which push over HTTP or MQTT. */
export const zebraDriver: Driver = async (settings, host, signal) => {
  if (signal.aborted) return;
  const { inbox = new Inbox() } = settings;
  await hearPushes({ settings, inbox, host, reading: zebraEvents }, signal);
};
