import {
  closeSync,
  fstatSync,
  linkSync,
  openSync,
  readdirSync,
  renameSync,
  type Stats,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import type { Clock } from '../base/clock.ts'
import { makeFolder } from './folders.ts'

/** A file is set aside at this size, so that a fault that is logged for ever cannot fill the disk. */
const MAX_BYTES = 20 * 1024 * 1024
/** Files set aside that are kept: two weeks of ordinary days. */
const KEEP_FILES = 14
/** More files of one day than this are not told apart by a number any more. */
const MAX_FILES_A_DAY = 1000

export interface RollingFileOptions {
  readonly directory: string
  /** `rollcall` for `rollcall.log` and `rollcall-2025-12-08.log`. */
  readonly name: string
  readonly clock: Pick<Clock, 'now'>
  readonly maxBytes?: number
  readonly keepFiles?: number
}

/**
 * A log file that any number of processes append to, set aside under the date of its last line when the day changes
 * (in the zone of this machine) or when it grows too large.
 *
 * A line is one write to a file opened for append, so that lines of several processes never mix. Setting aside is one
 * rename, which only one process can win; the others notice that the name stands for another file and follow. No lock
 * is needed: what is still written to a file just renamed is in it, and a file set aside is never written over.
 */
export class RollingFile implements Disposable {
  readonly #options: Required<RollingFileOptions>
  readonly #path: string
  #fd: number | null = null

  constructor(options: RollingFileOptions) {
    this.#options = { maxBytes: MAX_BYTES, keepFiles: KEEP_FILES, ...options }
    this.#path = join(options.directory, `${options.name}.log`)
  }

  /** Appends `line`, which ends in a newline. Throws what the file system throws; the next write tries afresh. */
  write(line: string): void {
    try {
      writeSync(this.#fileToAppendTo(), line)
    } catch (error) {
      this[Symbol.dispose]()
      throw error
    }
  }

  [Symbol.dispose](): void {
    if (this.#fd !== null) closeSync(this.#fd)
    this.#fd = null
  }

  #fileToAppendTo(): number {
    let fd = this.#fd ?? this.#open()
    const open = fstatSync(fd)
    const named = statSync(this.#path, { throwIfNoEntry: false })
    if (named?.ino !== open.ino || named.dev !== open.dev) fd = this.#open()
    else if (this.#isDue(open)) {
      this.#setAside(open)
      fd = this.#open()
    }
    return fd
  }

  #open(): number {
    this[Symbol.dispose]()
    makeFolder(this.#options.directory)
    this.#fd = openSync(this.#path, 'a', 0o640)
    return this.#fd
  }

  #isDue(file: Stats): boolean {
    if (file.size === 0) return false
    return file.size >= this.#options.maxBytes || dayOf(file.mtimeMs) < dayOf(this.#options.clock.now())
  }

  #setAside(file: Stats): void {
    const { directory, name } = this.#options
    const dated = join(directory, `${name}-${dayOf(file.mtimeMs)}`)
    // The name of this process first: a rename would silently replace a file that another process has just set aside.
    const own = `${dated}.p${process.pid}-${file.ino}.log`
    try {
      renameSync(this.#path, own)
    } catch (error) {
      if (isCode(error, 'ENOENT')) return
      throw error
    }
    giveFreeName(own, dated)
    this.#prune()
  }

  #prune(): void {
    const { directory, name, keepFiles } = this.#options
    const files = readdirSync(directory)
      .filter(file => file.startsWith(`${name}-`) && /-\d{4}-\d\d-\d\d(\.[\w-]+)?\.log$/.test(file))
      .map(file => join(directory, file))
      .map(path => ({ path, mtimeMs: statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0 }))
      .sort((a, b) => b.mtimeMs - a.mtimeMs)
    for (const { path } of files.slice(keepFiles)) unlinkIfThere(path)
  }
}

/** Moves `from` to the first free one of `DATED.log`, `DATED.2.log`, ... A link fails where a name is taken. */
function giveFreeName(from: string, dated: string): void {
  for (let number = 1; number <= MAX_FILES_A_DAY; number++) {
    try {
      linkSync(from, number === 1 ? `${dated}.log` : `${dated}.${number}.log`)
      unlinkIfThere(from)
      return
    } catch (error) {
      // A file system without links keeps the longer name, which is as good.
      if (!isCode(error, 'EEXIST')) return
    }
  }
}

function unlinkIfThere(path: string): void {
  try {
    unlinkSync(path)
  } catch (error) {
    if (!isCode(error, 'ENOENT')) throw error
  }
}

/** `YYYY-MM-DD` of an instant in the zone of this machine. */
function dayOf(ms: number): string {
  const date = new Date(ms)
  const two = (value: number) => String(value).padStart(2, '0')
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
