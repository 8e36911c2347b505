import { type Parameter, parameter } from "@tagwire/llrp";
import { ourRoSpecId } from "./rospec.ts";

/** The number of our AccessSpec, the only one there is: whatever a reader held was deleted. */
export const ourAccessSpecId = 1;

const everyAntenna = 0;
const gen2 = 1;
const never = 0;
const withTheReport = 0;
const opSpecId = 1;
/** Memory banks of a Gen2 tag. */
const banks = { epc: 1, tid: 2 } as const;
/** What serialised chips have: class, maker, model and serial number, 96 bits. */
const tidWords = 6;
const noBits = { bitCount: 0, bytes: new Uint8Array() };

/** Reads the TID of every tag that our ROSpec hears, and brings it with the tag. Source: LLRP 1.1, AccessSpec and C1G2Read. */
export const buildTidSpec = (): Parameter =>
  parameter(
    "AccessSpec",
    {
      ...{ accessSpecId: ourAccessSpecId, antennaId: everyAntenna, protocolId: gen2 },
      ...{ currentState: false, roSpecId: ourRoSpecId },
    },
    [
      parameter("AccessSpecStopTrigger", { trigger: never, operationCount: 0 }),
      parameter("AccessCommand", {}, [
        parameter("C1G2TagSpec", {}, [
          parameter("C1G2TargetTag", {
            ...{ memoryBank: banks.epc, match: true, bitPointer: 0 },
            ...{ mask: noBits, data: noBits },
          }),
        ]),
        parameter("C1G2Read", {
          ...{ opSpecId, accessPassword: 0, memoryBank: banks.tid },
          ...{ wordPointer: 0, wordCount: tidWords },
        }),
      ]),
      parameter("AccessReportSpec", { trigger: withTheReport }),
    ],
  );
