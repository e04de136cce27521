import { closeSync, openSync, rmSync, writeSync } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import type { Clock } from '../base/clock.ts'
import { CodecError, ConfigError } from '../base/errors.ts'
import { type Network, nodeNetwork } from '../client/network.ts'
import { tracingNetwork } from '../client/trace/tracing-network.ts'
import { decodeTrace } from '../codec/trace/decode-trace.ts'
import { encodeTraceEvent, encodeTraceHeader } from '../codec/trace/encode-trace.ts'
import type { Trace, TraceEvent } from '../codec/trace/trace-events.ts'
import { readVersion } from './version.ts'

/** A trace is read whole, and one of more than this is not worth the memory. */
const TRACE_BYTES_MAX = 256 * 1024 * 1024

/** A trace that is being recorded. */
export interface TraceRecording extends Disposable {
  /** The network of this machine, every conversation on it recorded. */
  readonly network: Network
}

/**
 * Begins a trace in a new file, which this user alone may read. Each event is given to the system at once, so that a crash
 * costs none; a file without any is removed in the end. When the file cannot be written any more `onFault` is called once, and the work goes on without a trace.
 *
 * @throws ConfigError `CONFIG_INVALID` when the file exists or cannot be made.
 */
export function recordTrace(path: string, parts: { clock: Clock; onFault: (error: Error) => void }): TraceRecording {
  const { clock, onFault } = parts
  const file = openNew(path)
  let isOpen = true
  let isEmpty = true
  const write = (text: string) => {
    if (!isOpen) return
    try {
      writeWhole(file, text)
    } catch (error) {
      isOpen = false
      closeSync(file)
      onFault(error instanceof Error ? error : new Error(String(error)))
    }
  }
  write(encodeTraceHeader({ rollcall: readVersion(), startedAt: new Date(clock.now()).toISOString() }))
  const sink = (event: TraceEvent) => {
    isEmpty = false
    write(encodeTraceEvent(event))
  }
  return {
    network: tracingNetwork(nodeNetwork, { clock, sink }),
    [Symbol.dispose]() {
      if (!isOpen) return
      isOpen = false
      closeSync(file)
      // Nothing was said to anybody: the name is free for the next try.
      if (isEmpty) rmSync(path, { force: true })
    },
  }
}

/**
 * Reads a trace.
 *
 * @throws ConfigError `CONFIG_INVALID` when the file cannot be read; CodecError `TRACE_INVALID` when it is no trace.
 */
export async function readTraceFile(path: string): Promise<Trace> {
  const text = await readText(path)
  try {
    return decodeTrace(text)
  } catch (error) {
    if (!(error instanceof CodecError)) throw error
    throw new CodecError(error.code, `${path}: ${error.message}`, { cause: error })
  }
}

async function readText(path: string): Promise<string> {
  try {
    const { size } = await stat(path)
    if (size > TRACE_BYTES_MAX) throw new Error(`it has ${size} bytes, at most ${TRACE_BYTES_MAX} are read`)
    return await readFile(path, 'utf8')
  } catch (error) {
    throw new ConfigError('CONFIG_INVALID', `${path} cannot be read: ${reasonOf(error)}`, { cause: error })
  }
}

function openNew(path: string): number {
  try {
    return openSync(path, 'wx', 0o600)
  } catch (error) {
    const exists = error instanceof Error && 'code' in error && error.code === 'EEXIST'
    const reason = exists
      ? 'exists already, and a trace never replaces a file.'
      : `cannot be written: ${reasonOf(error)}`
    throw new ConfigError('CONFIG_INVALID', `--trace ${path} ${reason}`, { cause: error })
  }
}

function writeWhole(file: number, text: string): void {
  const bytes = Buffer.from(text, 'utf8')
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at)
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
