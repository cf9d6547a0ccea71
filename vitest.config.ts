import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['tests/**/*.test.{ts,tsx}'],
    // The crash kit counts nothing doubled and nothing lost, but now and then a process of it ends by itself where
    // Postgres is crashed under it. Until that is understood it runs by hand: npm run chaos
    exclude: ['**/node_modules/**', 'tests/chaos/**'],
    globalSetup: ['tests/support/global-setup.ts'],
    setupFiles: ['tests/support/setup.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
