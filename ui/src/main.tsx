import '@mantine/core/styles.css'
import '@mantine/notifications/styles.css'
import './styles.css'
import { localStorageColorSchemeManager, MantineProvider } from '@mantine/core'
import { Notifications } from '@mantine/notifications'
import { MutationCache, QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { setNonce } from 'get-nonce'
import { createRoot } from 'react-dom/client'
import { ApiProblem } from './api/client.ts'
import { meQuery } from './api/resources.ts'
import { makeRouter } from './router.tsx'
import { TextsProvider } from './texts/texts.tsx'
import { cssVariables, theme } from './theme.ts'

const RETRIES = 2

/** The server writes one into each answer: style elements without it are refused. */
const nonce = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? ''
// For the one that keeps the page from scrolling behind a dialogue.
setNonce(nonce)

const queries: QueryClient = new QueryClient({
  mutationCache: new MutationCache({
    // Somebody else has changed what one may do: the pages are to show what is left of it.
    onError: error => {
      if (error instanceof ApiProblem && error.status === 403) void queries.invalidateQueries(meQuery)
    },
  }),
  defaultOptions: {
    queries: {
      // Live updates renew what has changed.
      staleTime: 30_000,
      // An answer that says no says it again.
      retry: (failures, error) => failures < RETRIES && !(error instanceof ApiProblem && isFinal(error)),
    },
  },
})

function isFinal({ status }: ApiProblem): boolean {
  return status >= 400 && status < 500
}

const router = makeRouter(queries)
const colorSchemes = localStorageColorSchemeManager({ key: 'rollcall-color-scheme' })

const root = document.getElementById('root')
if (root === null) throw new Error('the page has no place for the application')
createRoot(root).render(
  <TextsProvider>
    <MantineProvider
      theme={theme}
      cssVariablesResolver={cssVariables}
      defaultColorScheme="auto"
      colorSchemeManager={colorSchemes}
      getStyleNonce={() => nonce}
    >
      <QueryClientProvider client={queries}>
        <Notifications position="bottom-center" />
        <RouterProvider router={router} />
      </QueryClientProvider>
    </MantineProvider>
  </TextsProvider>,
)
