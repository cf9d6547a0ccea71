/** The bare addresses of a line such as `Ada <ada@uni.test>, kenji@lab.test`, in lower case. */
export function addressesOf(line: string): string[] {
  return line
    .split(', ')
    .map((entry) => bareAddress(entry))
    .filter((address) => address !== '');
}

export function bareAddress(entry: string): string {
  return (/<([^<>]*)>\s*$/.exec(entry)?.[1] ?? entry).trim().toLowerCase();
}
