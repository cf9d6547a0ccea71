/**
 * The processor time that some work takes, in milliseconds. A clock on the wall also runs while others have the processor,
 * so on a busy machine it says nothing about the work.
 */
export function cpuMs(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
