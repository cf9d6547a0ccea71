/** Names of the databases that nobody has closed yet. In a file of its own, so that looking costs no driver. */
export const openDatabases = new Set<string>();
