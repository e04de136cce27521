import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const BIN = join(import.meta.dirname, '../bin/rollcall.js')

/** A process of this folder that answers with one message at a time. */
export interface Child extends AsyncDisposable {
  readonly pid: number | undefined
  /** The next thing it tells. Rejects when the process ends instead. */
  told<Message>(): Promise<Message>
  /** Sends an order and waits for the answer. */
  ask<Message>(order: unknown): Promise<Message>
}

/** What the first line of the command gives to Node, and so whatever is measured in a process of its own. */
export function nodeOptions(): string[] {
  const [, options] = /^#!\/usr\/bin\/env -S node (.+)$/m.exec(readFileSync(BIN, 'utf8')) ?? []
  assert(options)
  return options.split(' ')
}

/**
 * Starts a script with the options of the command, and without those that a caller of the bench may have set for Node. It ends when its
 * parent lets go of it.
 */
export function startChild(script: string, args: readonly string[]): Child {
  const child = fork(join(import.meta.dirname, script), args, {
    execArgv: nodeOptions(),
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
