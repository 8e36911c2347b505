import { type FaultCode, faultCatalogue } from "./fault-catalogue.ts";

/** How a reader is reached: at a port of the machine, over the network, or not at all, since it comes to us. */
export type ReaderWay = "serial" | "network" | "pushes";

/** Where a connection fails, what a person looks at is another thing for each way. */
const adviceByWay: Readonly<Record<ReaderWay, Partial<Record<FaultCode, string>>>> = {
  serial: {
    "reader.unreachable":
      "Check that the reader is plugged in and has power (over Bluetooth: that it is paired and bound), that the path is right (ls -l /dev/serial/by-id), and that the user of the reader-gateway may open it: on Linux it belongs to the group dialout.",
    "reader.refused":
      "Another program holds the device. Close it: often it is the maker's own tool, a terminal or ModemManager.",
    "reader.silent":
      "The device can be opened, and nothing answers. Check the reader's power, the rate (?baud= behind the path), and that it is a reader of this driver.",
    "reader.closed":
      "The device is gone: it was unplugged, or lost its power. It is opened again by itself when it is back under its path.",
    "reader.garbled":
      "Bytes do not follow the protocol. Check the driver, the rate (?baud= behind the path), and the serial cable.",
  },
  network: {
    "reader.garbled":
      "Bytes do not follow the protocol. Check the driver, and that the address names the port at which the reader speaks it.",
  },
  pushes: {
    "reader.unreachable":
      "This reader comes to us. Check in its own settings where it pushes to, and that the key there is its newest one.",
    "reader.silent":
      "This reader comes to us. Check in its own settings that it is on, where it pushes to, and that the key there is its newest one.",
  },
};

/** What a person can do about a fault of a reader that is reached this way. */
export const readerAdvice = (code: FaultCode, way: ReaderWay): string =>
  adviceByWay[way][code] ?? faultCatalogue[code].advice;
