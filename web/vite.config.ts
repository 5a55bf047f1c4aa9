import react from '@vitejs/plugin-react'
import { defineConfig } from 'vitest/config'
import { demoServer } from './test/demo/plugin.ts'

/** `--mode demo` adds a made-up server, for work on the page alone; it is never part of a build. */
export default defineConfig(({ mode }) => ({
  base: './',
  plugins: [react(), ...(mode === 'demo' ? [demoServer()] : [])],
  optimizeDeps: { include: ['papaparse', 'libphonenumber-js/max', 'chardet', 'read-excel-file/universal'] },
  worker: { format: 'es' as const },
  build: {
    target: ['chrome125', 'edge125', 'firefox128', 'safari17.5'],
    assetsInlineLimit: 0,
    manifest: true,
    modulePreload: { polyfill: false },
  },
  // no test waits for the clock: a limit is only for what hangs, and a slow machine is no reason to fail
  test: {
    // the files of a project share their modules, which takes half of the time; a second worker would load all again
    projects: [
      { extends: true, test: { name: 'logic', include: ['test/**/*.test.ts'] } },
      {
        extends: true,
        test: {
          name: 'page',
          include: ['test/**/*.test.tsx'],
          environment: 'happy-dom',
          setupFiles: 'test/newPage.ts',
        },
      },
    ],
    isolate: false,
    pool: 'threads',
    maxWorkers: 1,
    silent: 'passed-only',
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
}))
