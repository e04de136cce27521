import { Button, Menu } from '@mantine/core'
import type { LogFilter } from '../../api/resources.ts'
import type { ExportFormat } from '../../api/types.ts'
import { DownloadIcon } from '../../parts/icons.tsx'
import { useTexts } from '../../texts/texts.tsx'
import { exportAddress } from './log-filter.ts'

const FORMATS: readonly ExportFormat[] = ['csv', 'xlsx', 'jsonl']

/** What is filtered, as a file. Plain links: the browser writes to disk as it comes, however much it is. */
export function ExportMenu({ filter }: { filter: LogFilter }) {
  const { exports: words } = useTexts().attendance
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button variant="default" leftSection={<DownloadIcon />}>
          {words.button}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{words.hint}</Menu.Label>
        {FORMATS.map(format => (
          <Menu.Item key={format} component="a" href={exportAddress(format, filter)} download>
            {words.formats[format]}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}
