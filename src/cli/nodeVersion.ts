/** The oldest Node that runs Assay, as `engines` in package.json and bin/assay say. */
const needed = [22, 13] as const;

/** What to tell somebody whose Node is too old; undefined when it is not. */
export function complaintAbout(version: string): string | undefined {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (major > needed[0] || (major === needed[0] && minor >= needed[1])) return undefined;
  return `needs Node ${needed.join(".")} or later, this is ${version}: put a newer one first on the PATH`;
}
