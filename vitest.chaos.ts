import { defineConfig } from 'vitest/config';
import suite from './vitest.config.ts';

/** The short form of the crash kit, by itself. */
export default defineConfig({
  test: { ...suite.test, include: ['tests/chaos/**/*.test.ts'], exclude: ['**/node_modules/**'] },
});
