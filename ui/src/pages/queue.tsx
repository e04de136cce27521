import { Page } from '../parts/page.tsx'

export function QueuePage() {
  return <Page title="queue">{null}</Page>
}
