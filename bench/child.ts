import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

/** A process of this folder that answers with one message at a time. */
export interface Child extends AsyncDisposable {
  readonly pid: number | undefined
  /** The next thing it tells. Rejects when the process ends instead. */
  told<Message>(): Promise<Message>
  /** Sends an order and waits for the answer. */
  ask<Message>(order: unknown): Promise<Message>
}

/** Starts a script without options that a caller of the bench may have set for Node. It ends when its parent lets go of it. */
export function startChild(script: string, args: readonly string[]): Child {
  const child = fork(join(import.meta.dirname, script), args, {
    execArgv: [],
    env: plainEnvironment(),
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const told = async <Message>(): Promise<Message> => {
    const heard = new AbortController()
    const ended = once(child, 'exit', { signal: heard.signal }).then(([code]) => {
      throw new Error(`the process of ${script} ended with ${code}`)
    })
    try {
      const [message] = await Promise.race([once(child, 'message', { signal: heard.signal }), ended])
      return message as Message
    } finally {
      ended.catch(() => {})
      heard.abort()
    }
  }
  return {
    pid: child.pid,
    told,
    ask: <Message>(order: unknown) => {
      const answer = told<Message>()
      child.send(order as object)
      return answer
    },
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null) return
      const ended = once(child, 'exit')
      child.disconnect()
      await ended
    },
  }
}

/** A caller's options for Node would change what is measured. */
export function plainEnvironment(): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _options, NODE_COMPILE_CACHE: _cache, ...rest } = process.env
  return rest
}
