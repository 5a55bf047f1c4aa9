import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { types } from '../../scripts/types.mjs'

test('the types of the server are those of docs/openapi.yaml; if not: npm run types', async () => {
  expect(await readFile(new URL('../../src/api/schema.ts', import.meta.url), 'utf8')).toBe(await types())
})
