import { expect, test } from 'vitest'
import { readConfig } from '../src/config'

const good = { websocket_url: 'wss://w/live', http_url: 'https://h/', issuer: 'https://i', client_id: 'c' }

test('a configuration is taken as it is, without a slash too many', () => {
  expect(readConfig(good).http_url).toBe('https://h')
})

test('an API at the page’s own address needs no address', () => {
  expect(readConfig({ ...good, http_url: '' }).http_url).toBe('')
})

test.each(['websocket_url', 'http_url', 'issuer', 'client_id'])('what is missing is named: %s', (name) => {
  expect(() => readConfig({ ...good, [name]: undefined })).toThrow(name)
})

test('what is no object is said to be none', () => {
  for (const rubbish of [null, 7, 'text']) expect(() => readConfig(rubbish)).toThrow('config.json')
})
