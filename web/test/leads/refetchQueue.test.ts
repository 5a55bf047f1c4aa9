import { beforeEach, describe, expect, test } from 'vitest'
import { MAX_SINGLE, RefetchQueue } from '../../src/leads/refetchQueue'
import { FakeClock, settle } from '../fakes'

const MINUTE = 60_000

/** A server that answers when the test says so. */
class Server {
  clock = new FakeClock()
  leads: string[] = []
  lists = 0
  flying = 0
  most = 0
  down = false
  slow: (() => void)[] | null = null
  lookups = new RefetchQueue(
    {
      lead: (id) => {
        this.leads.push(id)
        return this.answer()
      },
      list: () => {
        this.lists += 1
        return this.answer()
      },
    },
    this.clock,
    () => 1,
  )

  private async answer(): Promise<void> {
    this.flying += 1
    this.most = Math.max(this.most, this.flying)
    if (this.slow) await new Promise<void>((done) => this.slow?.push(done))
    this.flying -= 1
    if (this.down) throw new Error('500')
  }

  async answers(): Promise<void> {
    for (const done of this.slow?.splice(0) ?? []) done()
    await settle()
  }
}

let server: Server

beforeEach(() => {
  server = new Server()
})

const ids = (many: number) => Array.from({ length: many }, (_, index) => `lead-${index}`)

describe('single leads', () => {
  test('are asked for once at a time, and again when wanted again', async () => {
    server.slow = []
    server.lookups.lead('one')
    server.lookups.lead('one')
    await server.answers()
    server.lookups.lead('one')
    expect(server.leads).toEqual(['one', 'one'])
  })

  test('are asked for a few at a time', async () => {
    server.slow = []
    for (const id of ids(MAX_SINGLE)) server.lookups.lead(id)
    for (let turn = 0; turn < MAX_SINGLE; turn += 1) await server.answers()
    expect(server.leads).toEqual(ids(MAX_SINGLE))
    expect(server.most).toBe(3)
    expect(server.lists).toBe(0)
  })

  test('that cannot be read are tried again, and then the whole list is', async () => {
    server.down = true
    server.lookups.lead('one')
    await server.clock.pass(500)
    expect(server.leads).toHaveLength(1)
    await server.clock.pass(500)
    expect(server.leads).toHaveLength(2)
    server.down = false
    await server.clock.pass(MINUTE)
    expect(server.leads).toHaveLength(3)
    expect(server.lists).toBe(0)

    server.down = true
    server.lookups.lead('two')
    await server.clock.pass(3_000)
    expect(server.lists).toBe(1)
  })
})

describe('the list', () => {
  test('stands in for many leads: ten thousand of them are a handful of requests', async () => {
    server.slow = []
    for (const id of ids(10_000)) server.lookups.lead(id)
    await server.answers()
    await server.answers()
    await server.clock.pass(MINUTE)
    await server.answers()
    expect(server.leads.length).toBeLessThanOrEqual(3)
    expect(server.lists).toBeLessThanOrEqual(2) // the second for what was wanted while the first was loaded
  })

  test('is loaded once for all who want it meanwhile, and not again within seconds', async () => {
    server.slow = []
    for (let wish = 0; wish < 5; wish += 1) server.lookups.list()
    expect(server.lists).toBe(1)
    server.lookups.list()
    server.lookups.list()
    await server.answers()
    await server.clock.pass(4_999)
    expect(server.lists).toBe(1)
    await server.clock.pass(1)
    expect(server.lists).toBe(2)
    await server.answers()
    await server.clock.pass(MINUTE)
    expect(server.lists).toBe(2)
  })

  test('that cannot be loaded is tried again, more and more rarely, until it can', async () => {
    server.down = true
    server.lookups.list()
    await server.clock.pass(10 * MINUTE)
    expect(server.lists).toBeGreaterThan(5)
    expect(server.lists).toBeLessThan(30)
    server.down = false
    await server.clock.pass(MINUTE)
    const tries = server.lists
    await server.clock.pass(10 * MINUTE)
    expect(server.lists).toBe(tries)
  })

  test('is not tried any more once the connection is gone, and can be wanted again after', async () => {
    server.down = true
    server.lookups.list()
    server.lookups.lead('one')
    await settle()
    server.lookups.forget()
    const tries = server.lists
    await server.clock.pass(10 * MINUTE)
    expect(server.lists).toBe(tries)
    expect(server.leads.length).toBeLessThanOrEqual(1)
    server.lookups.list()
    expect(server.lists).toBe(tries + 1)
  })
})
