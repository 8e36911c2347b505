import type { TSchema } from "typebox";

/** A question one service answers: `ask.<service>.<name>`, request/reply, any replica. Answers are {@link Reply}s. */
export type Question<Q extends TSchema = TSchema, A extends TSchema = TSchema> = {
  readonly service: string;
  readonly name: string;
  readonly question: Q;
  readonly answer: A;
};

/** Declares a question. */
export const question = <const Q extends TSchema, const A extends TSchema>(
  declaration: Question<Q, A>,
): Question<Q, A> => declaration;

export const askSubject = ({ service, name }: Question): string => `ask.${service}.${name}`;
