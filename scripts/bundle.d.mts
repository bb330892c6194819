/**
 * The sources as JavaScript in few files.
 *
 * @param root       the repository
 * @param directory  where the files go
 */
export function bundle(root: string, directory: string): Promise<void>;
