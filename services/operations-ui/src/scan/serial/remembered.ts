/** Where this device remembers which reader it has on a port of its own. */
export const serialKey = "tagwire.serial";
