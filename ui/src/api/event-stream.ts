import { createParser } from 'eventsource-parser'

export interface ServerEvent {
  /** The position behind this event; undefined where it has none. */
  readonly id: string | undefined
  readonly name: string
  /** JSON as it came. */
  readonly data: string
}

/**
 * Reads Server-Sent Events of an answer until it ends. `onSign` is called for everything that comes, comments too: a link that
 * says nothing for longer than three heartbeats is dead.
 *
 * By hand and not by `EventSource`, which hides heartbeats, cannot be told where to go on, and knows GET alone.
 */
export async function readEventStream(
  response: Response,
  { onEvent, onSign = () => {} }: { onEvent: (event: ServerEvent) => void; onSign?: () => void },
): Promise<void> {
  if (response.body === null) return
  const parser = createParser({
    onEvent: ({ id, event, data }) => onEvent({ id, name: event ?? 'message', data }),
  })
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return
    onSign()
    parser.feed(value)
  }
}
