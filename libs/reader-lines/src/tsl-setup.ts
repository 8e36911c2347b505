/** What a predecessor left running ends, and half a command with it. */
export const tslClear = "\r\n.ab\r\n";

/** EPC and strength of every tag, and nothing that takes time to be said; it also is what the trigger does from then on. */
export const tslBasics = ".iv -x -al off -e on -r on -c off -dt off -ix off -n";
