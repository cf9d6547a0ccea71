import { Socket } from 'node:net';
import { afterAll } from 'vitest';
import { isLoopback } from '../../src/domain/loopback.ts';
import { openDatabases } from './open-databases.ts';

/**
 * Runs before every test file: the network is off, and a database left open fails the file. One process runs many files, so
 * what stands here is done once for each or looks whether it was; and every import is paid by files that need none of it.
 */
const isOff = Symbol.for('broadsheet: the network is off');
if (!(isOff in Socket.prototype)) turnNetworkOff();

afterAll(() => {
  const { size } = openDatabases;
  openDatabases.clear();
  if (size > 0) throw new Error(`${size} test databases were left open: call close() in afterAll.`);
});

/** Every connection of Node passes here, fetch and TLS included. What leads elsewhere fails as without a network. */
function turnNetworkOff(): void {
  // oxlint-disable-next-line typescript/unbound-method -- called with its own this below.
  const connect = Socket.prototype.connect as (this: Socket, ...args: unknown[]) => Socket;
  Socket.prototype.connect = function connectToLoopback(this: Socket, ...args: unknown[]): Socket {
    const host = hostOf(args);
    if (host === undefined || isLoopback(host)) return connect.apply(this, args);
    const error = Object.assign(new Error(`The network is off in tests: ${host}`), { code: 'ENETUNREACH' });
    process.nextTick(() => this.destroy(error));
    return this;
  } as Socket['connect'];
  Object.defineProperty(Socket.prototype, isOff, { value: true });
}

/** The host of `connect(options)`, `connect(port, host)` or Node's own call with both in an array; undefined for a path. */
function hostOf(args: unknown[]): string | undefined {
  const first = Array.isArray(args[0]) ? (args[0] as unknown[])[0] : args[0];
  if (typeof first === 'object' && first !== null) {
    const { path, host } = first as { path?: string; host?: string };
    return path ? undefined : (host ?? 'localhost');
  }
  const isPath = typeof first === 'string' && !/^\d+$/.test(first);
  if (isPath) return undefined;
  return typeof args[1] === 'string' ? args[1] : 'localhost';
}
