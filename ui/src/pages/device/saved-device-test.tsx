import { Button } from '@mantine/core'
import { useState } from 'react'
import { Section } from '../../parts/page.tsx'
import { useTexts } from '../../texts/texts.tsx'
import { ConnectionTest, useConnectionTest } from './connection-test.tsx'
import type { TestRequest } from './follow-test.ts'

const PUNCH_WAIT_S = 30

/** Test Connection of a device as it is saved; it begins when it is opened. */
export function SavedDeviceTest({ id, onClose }: { id: number; onClose: () => void }) {
  const { connectionTest: words, shell } = useTexts()
  const requestOf = (punchWaitS: number): TestRequest => ({ path: `/api/v1/devices/${id}/test`, body: {}, punchWaitS })
  const [request, setRequest] = useState(() => requestOf(0))
  const test = useConnectionTest(request)
  return (
    <Section
      title={words.title}
      actions={
        <Button variant="default" size="xs" onClick={onClose}>
          {shell.close}
        </Button>
      }
    >
      <ConnectionTest test={test} punchWaitS={request.punchWaitS}>
        <Button variant="default" onClick={() => setRequest(requestOf(0))}>
          {words.again}
        </Button>
        <Button variant="default" onClick={() => setRequest(requestOf(PUNCH_WAIT_S))}>
          {words.againWithPunch}
        </Button>
      </ConnectionTest>
    </Section>
  )
}
