import { readStored } from "../stored.ts";
import { serialKey } from "./serial/remembered.ts";

/** Whether this browser lets a page read a serial port; those that do ask a person which. */
export const hasSerial = (): boolean => "serial" in navigator;
/** Whether it lets a page see through a camera: only one that came by HTTPS, or from this machine. */
export const hasCamera = (): boolean => navigator.mediaDevices?.getUserMedia !== undefined;

/** Opens the reader again that was connected when this page was left; nothing of it is loaded where there was none. */
export const resumeReader = (): void => {
  if (!hasSerial() || readStored(serialKey) === null) return;
  // Whatever keeps it from being loaded is said by the panel, where somebody wants it.
  void import("./serial/serial-reader.ts").catch(() => {});
};
