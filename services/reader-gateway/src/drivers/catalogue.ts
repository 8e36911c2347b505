import type { Driver } from "./driver.ts";
import { llrpDriver } from "./llrp.ts";
import { m100Driver } from "./m100.ts";

/** Every family of readers that we speak to ourselves, by the name that a reader's settings use. */
export const drivers: Record<"llrp" | "m100", Driver> = { llrp: llrpDriver, m100: m100Driver };
