import { type QueryClient, useQueryClient } from '@tanstack/react-query'
import { createContext, type ReactNode, use, useEffect, useState } from 'react'
import { send } from '../api/client.ts'
import type { ServerEvent } from '../api/event-stream.ts'
import type { AttendanceLogJson, DeviceJson, SyncRunJson } from '../api/types.ts'
import { EventReader, type LinkState } from './event-reader.ts'
import { type Progress, ProgressBoard } from './progress.ts'
import { readAnew, readFailed } from './read-anew.ts'
import { Renewals } from './renewals.ts'
import { sleep } from './sleep.ts'
import { takeLog } from './take-log.ts'

interface Live {
  readonly state: LinkState
  /** When the link was lost; null while it stands. */
  readonly lostAt: Date | null
  readonly tryNow: () => void
  readonly progress: ProgressBoard
}

const LiveContext = createContext<Live | null>(null)

/** How often lists are read anew at most while things happen. */
const RENEW_EVERY_MS = 2_000
/** A window that nobody sees gives its connection back: a browser has six for one server. */
const HIDDEN_MS = 30_000

export function useLive(): Live {
  const live = use(LiveContext)
  if (live === null) throw new Error('useLive is used outside LiveUpdates')
  return live
}

/** Keeps everything that is on the page as it is on the server, for as long as the page is open and somebody is signed in. */
export function LiveUpdates({ onSignedOut, children }: { onSignedOut: () => void; children: ReactNode }) {
  const queries = useQueryClient()
  const [link, setLink] = useState<{ state: LinkState; lostAt: Date | null }>({ state: 'connecting', lostAt: null })
  const [progress] = useState(() => new ProgressBoard())
  const [reader, setReader] = useState<EventReader | null>(null)

  useEffect(() => {
    const renewals = new Renewals(key => readAnew(queries, [key]), RENEW_EVERY_MS)
    const opened = new EventReader({
      open: (position, signal) =>
        send('/api/v1/events', {
          headers: { accept: 'text/event-stream', ...(position === null ? {} : { 'last-event-id': position }) },
          signal,
        }),
      onEvent: event => take(event, { queries, progress, renewals }),
      onState: state => {
        if (state === 'live') readFailed(queries)
        setLink(before => ({
          state,
          lostAt: state === 'lost' || state === 'connecting' ? (before.lostAt ?? new Date()) : null,
        }))
      },
      onBegin: () => {
        progress.clear()
        readAnew(queries)
      },
      onSignedOut,
      sleep,
      random: Math.random,
    })
    opened.open()
    setReader(opened)
    const endWatch = closeWhileHidden(opened)
    return () => {
      endWatch()
      opened.close()
      renewals.end()
    }
  }, [queries, progress, onSignedOut])

  return <LiveContext value={{ ...link, tryNow: () => reader?.tryNow(), progress }}>{children}</LiveContext>
}

function closeWhileHidden(reader: EventReader): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined
  const look = () => {
    clearTimeout(timer)
    if (document.visibilityState === 'visible') reader.open()
    else timer = setTimeout(() => reader.close(), HIDDEN_MS)
  }
  document.addEventListener('visibilitychange', look)
  return () => {
    clearTimeout(timer)
    document.removeEventListener('visibilitychange', look)
  }
}

interface Parts {
  readonly queries: QueryClient
  readonly progress: ProgressBoard
  readonly renewals: Renewals
}

function take({ name, data }: ServerEvent, { queries, progress, renewals }: Parts): void {
  switch (name) {
    case 'attendance.created':
      takeLog(JSON.parse(data) as AttendanceLogJson, { queries, want: key => renewals.want(key) })
      return
    case 'attendance.bulk':
      renewals.want('logs', 'overview', 'standings', 'standing')
      return
    case 'device.status':
      progress.end((JSON.parse(data) as Pick<DeviceJson, 'id'>).id)
      renewals.want('standings', 'standing', 'overview')
      return
    case 'sync.finished':
      progress.end((JSON.parse(data) as Pick<SyncRunJson, 'device_id'>).device_id)
      renewals.want('runs', 'standings', 'standing', 'overview', 'quarantine', 'jobs', 'people', 'clock')
      return
    case 'sync.progress':
      takeProgress(JSON.parse(data) as Progress & { state: string }, progress)
      return
    default:
    // A newer server may tell more.
  }
}

function takeProgress(told: Progress & { state: string }, progress: ProgressBoard): void {
  if (told.state === 'ended') progress.end(told.device_id)
  else progress.tell(told)
}
