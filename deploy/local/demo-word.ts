/** What the demo says once somebody who looks at its site sees something change; the launcher waits for it. */
export const demoMovesLine = "demo site is moving";
