import Type, { type TSchema } from "typebox";
import { faultCatalogue } from "./fault-catalogue.ts";
import type { FaultMessage } from "./faults.ts";

const codes = Object.keys(faultCatalogue) as FaultMessage["code"][];

/** A no, as one service says it to another. */
export const FaultSaid = Type.Object({ code: Type.Enum(codes), detail: Type.String() });

/** What a request is answered with: what was asked for, or why not. */
export type Reply<T> = { readonly ok: T } | { readonly fault: FaultMessage };

/** The shape of a {@link Reply}. */
export const replyOf = <T extends TSchema>(answer: T) =>
  Type.Union([Type.Object({ ok: answer }), Type.Object({ fault: FaultSaid })]);
