import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'

/** Fails the build when the script a browser loads first is heavier than it may be. */
const MOST = 150 * 1000

const manifest = JSON.parse(readFileSync('dist/.vite/manifest.json', 'utf8'))
const entries = Object.values(manifest).filter((chunk) => chunk.isEntry && chunk.file.endsWith('.js'))

const files = new Set()
const follow = (chunk) => {
  if (files.has(chunk.file)) return
  files.add(chunk.file)
  for (const name of chunk.imports ?? []) follow(manifest[name])
}
entries.forEach(follow)

const sizes = [...files].map((file) => gzipSync(readFileSync(`dist/${file}`)).length)
const total = sizes.reduce((sum, size) => sum + size, 0)
console.log(`first load: ${(total / 1000).toFixed(1)} kB of script, gzipped (at most ${MOST / 1000})`)
if (total === 0 || total > MOST) process.exit(1)
