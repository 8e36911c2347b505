import { ask, type Bus } from "@tagwire/bus";
import { AskContract, Fault, type SessionWarning } from "@tagwire/messages";

/** Nobody who begins a session waits longer than this for what is only advice. */
const adviceTimeoutMs = 1_000;

/**
 * Says of a contract that nobody has stated that it is so. The floor often hears of contracts before the office has written them down, so
 * the session begins all the same; but it expects nothing, and a slip of the pen looks just so.
 *
 * @throws Fault that is not the absence of operations: a mistake of ours, which nobody would see otherwise.
 */
export const contractWarnings = async (
  bus: Bus,
  site: string,
  number: string | undefined,
): Promise<SessionWarning[]> => {
  if (number === undefined) return [];
  try {
    const { contract } = await ask(
      bus,
      AskContract,
      { site, number: number.trim() },
      { timeoutMs: adviceTimeoutMs },
    );
    if (contract?.stated === true) return [];
    return [
      {
        code: "contract_unstated",
        message: `Nobody has stated contract ${number.trim()} here, so nothing is expected in this session. Look for a slip of the pen, or go on: what is scanned counts on that number, and the office states it later.`,
      },
    ];
  } catch (error) {
    if (error instanceof Fault && error.retryable) return [];
    throw error;
  }
};
