import { useQuery } from '@tanstack/react-query'
import { type Me, meQuery } from './resources.ts'

/** Who is signed in. Only below the frame, which is shown to nobody else. */
export function useMe(): Me {
  const { data } = useQuery(meQuery)
  if (data === undefined) throw new Error('useMe is used where nobody is signed in')
  return data
}

export function useIsAdmin(): boolean {
  return useMe().role === 'admin'
}
