import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

/** What all listeners together have heard. */
export interface HeardReport {
  /** Streams that are open: their head has come, or with `sockets` their connection stands. */
  readonly open: number
  /** Of the stream that heard least, and most. */
  readonly least: number
  readonly most: number
  /** Different ones that the first stream heard. */
  readonly different: number
  /** Whether all streams heard the same events in the same order. */
  readonly isSame: boolean
}

const EVENT = '\nevent: attendance.created\n'
/** Streams that are opened at the same time. */
const AT_ONCE = 50

/** Listens to events over many connections, and reads everything at once. Tells a report whenever it is asked. */
const [mode = 'sockets', port, token = '', count] = process.argv.slice(2)
const listeners: Listener[] = []
process.on('message', () => process.send?.(report()))
process.on('disconnect', () => process.exit(0))

class Listener {
  readonly #socket: Socket
  #rest = ''
  isOpen = false
  heard = 0
  /** Of all ids in their order, so that none of a million has to be kept. */
  sum = 0
  readonly ids: Set<string> | null

  constructor(socket: Socket, ids: Set<string> | null) {
    this.#socket = socket
    this.ids = ids
    socket.setEncoding('latin1').on('data', (text: string) => this.#take(text))
    socket.on('close', () => (this.isOpen = false))
    socket.on('error', () => {})
  }

  async open(): Promise<void> {
    await once(this.#socket, 'connect')
    if (mode === 'streams') {
      this.#socket.write(
        `GET /api/v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${token}\r\nAccept: text/event-stream\r\n\r\n`,
      )
      const [head] = (await once(this.#socket, 'data')) as [string]
      if (!head.startsWith('HTTP/1.1 200')) throw new Error(head)
    }
    this.isOpen = true
  }

  /** An event is written at once, hence lies within one chunk of the answer. */
  #take(text: string): void {
    const all = this.#rest + text
    let from = 0
    for (let at = all.indexOf(EVENT); at !== -1; at = all.indexOf(EVENT, from)) {
      this.#hear(all.slice(all.lastIndexOf('id: ', at) + 4, at))
      from = at + EVENT.length
    }
    this.#rest = all.slice(Math.max(from, all.length - EVENT.length - 40))
  }

  #hear(id: string): void {
    this.heard++
    for (let i = 0; i < id.length; i++) this.sum = (Math.imul(this.sum, 31) + id.charCodeAt(i)) | 0
    this.ids?.add(id)
  }
}

for (let first = 0; first < Number(count); first += AT_ONCE) {
  const some = Array.from({ length: Math.min(AT_ONCE, Number(count) - first) }, (_, i) => {
    const socket = connect({ host: '127.0.0.1', port: Number(port), noDelay: true })
    return new Listener(socket, first + i === 0 ? new Set() : null)
  })
  listeners.push(...some)
  await Promise.all(some.map(listener => listener.open()))
}
process.send?.(report())

function report(): HeardReport {
  const heard = listeners.map(listener => listener.heard)
  return {
    open: listeners.filter(({ isOpen }) => isOpen).length,
    least: Math.min(...heard),
    most: Math.max(...heard),
    different: listeners[0]?.ids?.size ?? 0,
    isSame: new Set(listeners.map(({ sum }) => sum)).size === 1,
  }
}
