/** The bounds of a conversation with an M100 module, in ms. */
export type M100Limits = {
  /** From a command to its answer. */
  readonly answerTimeoutMs: number;
  /** A frame that has begun must go on within this time; at 9600 baud the longest one lasts 540 ms. */
  readonly halfFrameMs: number;
  /** A running poll says something each round, about every 20 ms. After so much silence its count has run out. */
  readonly roundsOverMs: number;
};

export const m100Limits: M100Limits = { answerTimeoutMs: 1_500, halfFrameMs: 250, roundsOverMs: 750 };

/** How often the first question is put: a poll left running by a predecessor can drown one answer. */
export const firstQuestionsMax = 2;
