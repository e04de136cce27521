import { readFileSync } from 'node:fs'

/** What is resident of a process, as Linux tells it; null elsewhere. */
export function residentKb(pid: number | 'self' | undefined): number | null {
  return statusKb(pid, 'VmRSS')
}

/**
 * The most that was ever resident of this process. Linux is asked in its own way, since to `resourceUsage` it also counts the
 * process that started this one, as it was at that moment.
 */
export function peakKb(): number {
  return statusKb('self', 'VmHWM') ?? process.resourceUsage().maxRSS
}

export function megabytes(kb: number): number {
  return (kb * 1024) / 1e6
}

function statusKb(pid: number | 'self' | undefined, field: 'VmRSS' | 'VmHWM'): number | null {
  try {
    const match = new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
    return match ? Number(match[1]) : null
  } catch {
    // No Linux.
    return null
  }
}
