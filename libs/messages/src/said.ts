/** A message as those who hear it treat it: none of its members is changed, and its lists are not either. */
export type Said<Message> = {
  readonly [Member in keyof Message]: Message[Member] extends readonly (infer One)[]
    ? readonly One[]
    : Message[Member];
};
