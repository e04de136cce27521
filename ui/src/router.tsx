import type { QueryClient } from '@tanstack/react-query'
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
} from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { ApiProblem } from './api/client.ts'
import { loadPart } from './api/load-part.ts'
import { meQuery } from './api/resources.ts'
import { AppFrame } from './app-frame.tsx'
import { CrashPage, NotFoundPage } from './pages/wrong-way.tsx'
import {
  attendanceSearch,
  deviceSearch,
  devicesSearch,
  quarantineSearch,
  queueSearch,
  settingsSearch,
  signInSearch,
} from './search.ts'

/** Every address of the pages. A page is loaded when it is first opened. */

function page<Module extends Record<string, () => ReactNode>>(
  load: () => Promise<Module>,
  name: keyof Module & string,
) {
  return lazyRouteComponent(() => loadPart(load), name)
}

const root = createRootRouteWithContext<{ queries: QueryClient }>()()

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  validateSearch: signInSearch,
  component: page(() => import('./pages/sign-in.tsx'), 'SignInPage'),
})

const firstAdmin = createRoute({
  getParentRoute: () => root,
  path: '/first-admin',
  component: page(() => import('./pages/first-admin.tsx'), 'FirstAdminPage'),
})

/** Whoever is not signed in is asked to, and comes back to where they wanted to go. */
const frame = createRoute({
  getParentRoute: () => root,
  id: 'frame',
  component: AppFrame,
  beforeLoad: async ({ context, location }) => {
    try {
      await context.queries.ensureQueryData(meQuery)
    } catch (error) {
      if (!(error instanceof ApiProblem) || error.status !== 401) throw error
      // The way of the router to lead elsewhere.
      // oxlint-disable-next-line typescript/only-throw-error
      throw redirect({ to: '/sign-in', search: location.pathname === '/' ? {} : { next: location.href } })
    }
  },
})

const overview = createRoute({
  getParentRoute: () => frame,
  path: '/',
  component: page(() => import('./pages/overview.tsx'), 'OverviewPage'),
})

const devices = createRoute({
  getParentRoute: () => frame,
  path: '/devices',
  validateSearch: devicesSearch,
  component: page(() => import('./pages/devices.tsx'), 'DevicesPage'),
})

const newDevice = createRoute({
  getParentRoute: () => frame,
  path: '/devices/new',
  component: page(() => import('./pages/new-device.tsx'), 'NewDevicePage'),
})

const device = createRoute({
  getParentRoute: () => frame,
  path: '/devices/$deviceId',
  validateSearch: deviceSearch,
  component: page(() => import('./pages/device.tsx'), 'DevicePage'),
})

const attendance = createRoute({
  getParentRoute: () => frame,
  path: '/attendance',
  validateSearch: attendanceSearch,
  component: page(() => import('./pages/attendance.tsx'), 'AttendancePage'),
})

const queue = createRoute({
  getParentRoute: () => frame,
  path: '/queue',
  validateSearch: queueSearch,
  component: page(() => import('./pages/queue.tsx'), 'QueuePage'),
})

const quarantine = createRoute({
  getParentRoute: () => frame,
  path: '/quarantine',
  validateSearch: quarantineSearch,
  component: page(() => import('./pages/quarantine.tsx'), 'QuarantinePage'),
})

const settings = createRoute({
  getParentRoute: () => frame,
  path: '/settings',
  validateSearch: settingsSearch,
  component: page(() => import('./pages/settings.tsx'), 'SettingsPage'),
})

export function makeRouter(queries: QueryClient) {
  return createRouter({
    routeTree: root.addChildren([
      signIn,
      firstAdmin,
      frame.addChildren([overview, devices, newDevice, device, attendance, queue, quarantine, settings]),
    ]),
    context: { queries },
    // What search.ts leaves out of an address is seen by no page.
    search: { strict: true },
    defaultPreload: 'intent',
    defaultNotFoundComponent: NotFoundPage,
    defaultErrorComponent: CrashPage,
  })
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof makeRouter>
  }
  interface HistoryState {
    /** An explanation that was opened beside its list: to close it is to go back. */
    readonly isBeside?: boolean
  }
}
