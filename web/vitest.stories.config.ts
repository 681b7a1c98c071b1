import { defineConfig } from 'vitest/config';

/** The stories share one stack and one machine: one after the other, each with time enough for a slow browser. */
export default defineConfig({
  test: {
    environment: 'node',
    include: ['stories/**/*.story.ts'],
    globalSetup: 'stories/stack.ts',
    fileParallelism: false,
    testTimeout: 90_000,
    hookTimeout: 180_000,
  },
});
