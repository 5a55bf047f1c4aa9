import { readFileSync, writeFileSync } from 'node:fs'
import { compile } from 'json-schema-to-typescript'
import { CORE_SCHEMA, load, mergeTag } from 'js-yaml'

/** `npm run types`: writes the server's types, as docs/openapi.yaml has them, to src/api/schema.ts. */
const DOCUMENT = new URL('../../docs/openapi.yaml', import.meta.url)
const SCHEMA = new URL('../src/api/schema.ts', import.meta.url)
const JSON_BODY = 'application/json'

const capital = (word) => word[0].toUpperCase() + word.slice(1)

/** The schemas of the document by name: its own ones, and those that stand inside a response of an operation. */
function schemasOf({ components, paths }) {
  const found = { ...components.schemas }
  for (const [name, { content }] of Object.entries(components.responses)) {
    const schema = content[JSON_BODY].schema
    if (schema.properties) found[name] = schema
  }
  for (const path of Object.values(paths))
    for (const { operationId, responses = {} } of Object.values(path)) {
      const schema = responses['200']?.content?.[JSON_BODY]?.schema
      if (schema?.properties) found[`${capital(operationId)}Response`] = schema
    }
  return found
}

/** The text of src/api/schema.ts. */
export async function types() {
  const text = JSON.stringify(
    schemasOf(load(readFileSync(DOCUMENT, 'utf8'), { schema: CORE_SCHEMA.withTags(mergeTag) })),
  )
  // What the server may add later breaks no page, so an object is open in the document and exact in its type.
  const definitions = JSON.parse(text.replaceAll('#/components/schemas/', '#/definitions/'))
  // Each is named by a property, or it would be written only where another one refers to it.
  const properties = Object.fromEntries(
    Object.keys(definitions).map((name) => [name, { $ref: `#/definitions/${name}` }]),
  )
  const types = await compile({ type: 'object', properties, definitions }, 'Schemas', {
    additionalProperties: false,
    bannerComment: '/** Made of docs/openapi.yaml by `npm run types`: change that, not this. */',
    ignoreMinAndMaxItems: true,
    strictIndexSignatures: true,
    style: { semi: false, singleQuote: true, printWidth: 120 },
  })
  return types.replace(/export interface Schemas \{[^}]*\}\n/, '')
}

if (process.argv[1] === new URL(import.meta.url).pathname) writeFileSync(SCHEMA, await types())
