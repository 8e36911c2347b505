/** What the options of `npm start` are. */
export const usage: string;

/** Whether only the lines about the options are wanted. */
export const isHelpWanted: (args: readonly string[]) => boolean;
