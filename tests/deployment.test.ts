import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { closeWithinMs, finishWithinMs } from '../src/shutdown.ts';
import { heartbeatFile, heartbeatOlderThanS } from '../src/heartbeat.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (name: string) => readFileSync(join(root, name), 'utf8');

interface Service {
  image: string;
  build?: string;
  command?: string[];
  user?: string;
  environment?: Record<string, string>;
  restart: string;
  stop_grace_period?: string;
  healthcheck: { disable?: boolean; test?: string[]; interval?: string; timeout?: string };
  depends_on?: Record<string, { condition: string }>;
  read_only?: boolean;
  cap_drop?: string[];
  ports?: string[];
  deploy?: { replicas: number };
}

const compose = parse(read('docker-compose.yml'), { merge: true }) as {
  services: Record<string, Service>;
  volumes: Record<string, unknown>;
};
const services = Object.entries(compose.services);
const ours = services.filter(([, service]) => service.build);
const stopMs = finishWithinMs + closeWithinMs;

test('every role of the command line has its service, and workers have two', () => {
  const commands = ours.map(([, { command }]) => command!.join(' '));
  expect(commands.toSorted()).toEqual([
    'migrate',
    'start --roles scheduler',
    'start --roles web',
    'start --roles workers',
  ]);
  expect(compose.services['workers']!.deploy).toEqual({ replicas: 2 });
});

test.each(services.filter(([, { restart }]) => restart !== 'no'))(
  '%s is restarted and has a health check with limits',
  (_, { restart, healthcheck }) => {
    expect(restart).toBe('unless-stopped');
    expect(healthcheck.test!.length).toBeGreaterThan(1);
    expect(healthcheck).toMatchObject({ interval: expect.any(String), timeout: expect.any(String) });
  },
);

test('only the migration is one-shot', () => {
  const oneShot = services.filter(([, { restart }]) => restart === 'no');
  expect(oneShot.map(([name, { healthcheck }]) => [name, healthcheck])).toEqual([
    ['migrate', { disable: true }],
  ]);
});

test.each(ours)('%s runs without rights and writes nowhere else', (_, service) => {
  expect(service).toMatchObject({ user: 'node', read_only: true, cap_drop: ['ALL'] });
  expect(service.environment!['BROADSHEET_DATA_DIR']).toBe('/app/data');
});

test.each(ours)('%s is given the time that it takes to stop', (_, service) => {
  expect(Number.parseInt(service.stop_grace_period!, 10) * 1000).toBeGreaterThan(stopMs);
});

test('nothing starts before what it needs is there', () => {
  const conditions = Object.fromEntries(
    ours.map(([name, { depends_on }]) => [
      name,
      Object.fromEntries(Object.entries(depends_on!).map(([needed, { condition }]) => [needed, condition])),
    ]),
  );
  const role = { migrate: 'service_completed_successfully', redis: 'service_healthy' };
  const migrate = { postgres: 'service_healthy', redis: 'service_healthy' };
  expect(conditions).toEqual({ migrate, web: role, scheduler: role, workers: role });
});

test('images are pinned to a major version, and never to the latest', () => {
  const foreign = services.filter(([, service]) => !service.build).map(([, { image }]) => image);
  const bases = read('Dockerfile')
    .match(/^FROM \S+/gm)!
    .map((line) => line.slice('FROM '.length));
  expect([...foreign, ...bases].length).toBeGreaterThan(3);
  for (const image of [...foreign, ...bases]) expect(image).toMatch(/^[a-z]+:\d+(\.\d+)*(-[a-z]+)?$/);
  expect(new Set(bases).size).toBe(1);
});

test('Redis never evicts and writes to disk; neither it nor Postgres is reachable from outside', () => {
  expect(compose.services['redis']!.command!.join(' ')).toContain(
    '--appendonly yes --maxmemory-policy noeviction',
  );
  for (const name of ['redis', 'postgres']) expect(compose.services[name]!.ports).toBeUndefined();
  for (const port of compose.services['web']!.ports!) expect(port).toMatch(/^127\.0\.0\.1:/);
});

test('the health check of a process without a port looks for the file that it touches', () => {
  for (const name of ['workers', 'scheduler']) {
    const words = compose.services[name]!.healthcheck.test!.join(' ');
    expect(words).toContain(`/app/data/${heartbeatFile} -newermt "${heartbeatOlderThanS} seconds ago"`);
  }
});

test('the image is built without development dependencies, and is run by no root', () => {
  const lines = read('Dockerfile').split('\n');
  expect(lines.some((line) => line.includes('npm ci --omit=dev'))).toBe(true);
  expect(lines.filter((line) => line.startsWith('USER '))).toEqual(['USER node']);
  const user = lines.indexOf('USER node');
  expect(lines.slice(user).some((line) => line.startsWith('RUN ') || line.startsWith('COPY '))).toBe(false);
  expect(lines.some((line) => line.startsWith('ENTRYPOINT ["node"'))).toBe(true);
});

test('what runs imports nothing that only development has', () => {
  const { dependencies } = JSON.parse(read('package.json')) as { dependencies: Record<string, string> };
  const imported = new Set<string>();
  for (const folder of ['src', 'workers', 'emails', 'bin']) {
    for (const file of readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })) {
      if (!/\.(ts|tsx|mjs)$/.test(file)) continue;
      const text = readFileSync(join(root, folder, file), 'utf8');
      for (const [, name] of text.matchAll(/^(?:import|export) (?!type )[^;]*?from '([^'.][^']*)';$/gm)) {
        const parts = name!.split('/');
        if (!name!.startsWith('node:')) imported.add(parts.slice(0, name!.startsWith('@') ? 2 : 1).join('/'));
      }
    }
  }
  expect(imported.size).toBeGreaterThan(5);
  expect([...imported].filter((name) => !(name in dependencies))).toEqual([]);
});

test('secrets and data stay out of the image', () => {
  const ignored = read('.dockerignore').split('\n');
  for (const name of ['.git', '.env', '.env.*', 'data', 'node_modules']) expect(ignored).toContain(name);
});

const units = readdirSync(join(root, 'ops/systemd')).filter((name) => name.endsWith('.service'));

test('there is a unit for each role, and one for the schema', () => {
  expect(units.toSorted()).toEqual([
    'broadsheet-migrate.service',
    'broadsheet-scheduler.service',
    'broadsheet-web.service',
    'broadsheet-workers@.service',
  ]);
});

test.each(units)(
  '%s runs as its own account, hardened, and is given the time that it takes to stop',
  (name) => {
    const text = read(`ops/systemd/${name}`);
    const setting = (key: string) => text.match(new RegExp(`^${key}=(.*)$`, 'm'))?.[1];
    expect(setting('User')).toBe('broadsheet');
    for (const key of ['NoNewPrivileges', 'ProtectHome', 'PrivateTmp', 'PrivateDevices', 'LockPersonality']) {
      expect({ key, value: setting(key) }).toEqual({ key, value: 'yes' });
    }
    expect(setting('ProtectSystem')).toBe('strict');
    expect(setting('CapabilityBoundingSet')).toBe('');
    expect(Number(setting('TimeoutStopSec')) * 1000).toBeGreaterThan(stopMs);
    const once = { type: 'oneshot', notAgainAfter: undefined };
    const forEver = { type: 'exec', notAgainAfter: '78' };
    expect({ type: setting('Type'), notAgainAfter: setting('RestartPreventExitStatus') }).toEqual(
      name.includes('migrate') ? once : forEver,
    );
  },
);
