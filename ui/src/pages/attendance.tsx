import { Page } from '../parts/page.tsx'

export function AttendancePage() {
  return <Page title="attendance">{null}</Page>
}
