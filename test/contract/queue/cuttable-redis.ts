import { type Command, Redis } from 'ioredis'
import type { NewRedis } from '../../../src/queue/bullmq/redis-clients.ts'

/** The connections of one process of a test, which can die as that process would. */
export class CuttableRedis {
  readonly #clients: Redis[] = []
  #isCut = false
  #holdsBackRenewals = false

  readonly newRedis: NewRedis = options => this.#watch(new Redis({ ...options, replyMapping: 'legacy' }))

  /** From now on no renewal of a lock reaches the server, and the process does not learn of that. */
  holdBackRenewals(): void {
    this.#holdsBackRenewals = true
  }

  /** From now on nothing reaches the server, and nothing comes back. */
  cut(): void {
    this.#isCut = true
    for (const client of this.#clients) client.stream?.destroy()
  }

  #watch(client: Redis): Redis {
    this.#clients.push(client)
    const { sendCommand, duplicate, connect } = client
    client.sendCommand = (command: Command, stream) =>
      this.#isCut || (this.#holdsBackRenewals && isRenewal(command))
        ? new Promise(() => {})
        : sendCommand.call(client, command, stream)
    client.connect = callback => (this.#isCut ? new Promise(() => {}) : connect.call(client, callback))
    client.duplicate = options => this.#watch(duplicate.call(client, options))
    return client
  }
}

/** The script of BullMQ that extends locks has the set of stalled jobs as its one key. */
function isRenewal(command: Command): boolean {
  const [, keyCount, key] = command.args.map(String)
  return command.name.startsWith('eval') && keyCount === '1' && String(key).endsWith(':stalled')
}
