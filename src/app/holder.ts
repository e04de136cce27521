import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'
import type { Random } from '../base/random.ts'

/**
 * The name under which one running Rollcall holds leases, readable for people and exact enough to prove its death:
 * `pid 1234 on gate-server (start 8812345, boot 0f9c…, namespaces 4026531836/4026531834, #1f2e3d4c)`.
 *
 * A process id alone comes back after a restart, and means another process inside another container. So it is joined by
 * the moment the process started and the boot and namespaces that both belong to. Linux tells these under /proc; elsewhere
 * they stay `unknown` and a holder is never called dead, its lease simply expires. The number at the end tells two
 * engines of one process apart.
 */
export function nameHolder(random: Pick<Random, 'uint32'>): string {
  const here = describeHere()
  const start = startTimeOf(process.pid)?.start ?? 'unknown'
  const instance = random.uint32().toString(16).padStart(8, '0')
  return `pid ${process.pid} on ${hostname()} (start ${start}, boot ${here?.boot ?? 'unknown'}, namespaces ${here?.namespaces ?? 'unknown'}, #${instance})`
}

/** True only if the process that `holder` names is provably gone from this very machine. Any doubt is false. */
export function isHolderDead(holder: string): boolean {
  const match = /^pid (\d+) on .* \(start (\d+), boot ([\w-]+), namespaces ([\w/]+), #\w+\)$/.exec(holder)
  const here = describeHere()
  if (!match || !here) return false
  const [, pid, start, boot, namespaces] = match
  if (boot !== here.boot || namespaces !== here.namespaces) return false
  if (!processExists(Number(pid))) return true
  const running = startTimeOf(Number(pid))
  // A zombie has ended and only waits for its parent to notice.
  return running !== null && (running.start !== start || running.state === 'Z' || running.state === 'X')
}

/** `pid 1234 on gate-server`: what a person wants to know of a holder. */
export function describeHolder(holder: string): string {
  return holder.replace(/ \(start .*\)$/, '')
}

/** What process ids and start times are relative to; null where the system does not tell. */
function describeHere(): { boot: string; namespaces: string } | null {
  try {
    return {
      boot: readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(),
      namespaces: `${inodeOf('/proc/self/ns/pid')}/${timeNamespace()}`,
    }
  } catch {
    // Not Linux, or /proc is closed to us: then nothing can be proved.
    return null
  }
}

/** Start times are shown relative to it. Kernels before 5.6 have none. */
function timeNamespace(): string {
  try {
    return inodeOf('/proc/self/ns/time')
  } catch {
    return 'none'
  }
}

/** The number in a link such as `pid:[4026531836]`. */
function inodeOf(link: string): string {
  return /\d+/.exec(readlinkSync(link))?.[0] ?? 'unknown'
}

/** Signal 0 is only a question. "Not permitted" means that somebody is there. */
function processExists(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH')
  }
}

/** Fields 3 and 22 of /proc/PID/stat. The second field, the command, may itself hold spaces and brackets. */
function startTimeOf(pid: number): { state: string; start: string } | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const [state, start] = [fields[0], fields[19]]
    return state !== undefined && start !== undefined ? { state, start } : null
  } catch {
    return null
  }
}
